/** What trial mode starts with: one contract with a support desk, a sample site and users to log in as. Plain data. */
export const trial = {
  contract: {
    id: 'trial',
    name: '見本システムズ',
    policy: {
      login_methods: ['otp', 'password', 'password+otp'],
      support_desk: {
        name: '見本システムズ サポート窓口',
        email: 'support@mihon.example',
        phone: '03-0000-0000',
        hours: '平日 9:00～17:00',
      },
      appearance: { colour: '#0017c1' },
    },
  },
  client: { id: 'sample-site', name: '見本サイト (Sample site)' },
  users: [
    { userId: 'p-01-usr001', devices: [{ address: 'usr001@user.example', type: 'pc' }] },
    {
      userId: 'p-01-usr002',
      devices: [
        { address: 'usr002@user.example', type: 'pc' },
        { address: 'us..r002@docomo.ne.jp', type: 'mobile' },
      ],
    },
    { userId: 'p-01-usr003', devices: [{ address: 'usr003@user.example', type: 'smartphone' }] },
  ],
  /** They register a password first: their invitations wait in the inbox. */
  invited: [
    {
      userId: 'p-01-usr101',
      method: 'password',
      devices: [{ address: 'usr101@user.example', type: 'pc' }],
    },
    {
      userId: 'p-01-usr102',
      method: 'password+otp',
      devices: [{ address: 'usr102@user.example', type: 'smartphone' }],
    },
  ],
} as const;
