/** The words of mails about invitations, credentials and dates in English. */
export const invitationMails = {
  'mail.facts.service': 'Service',
  'mail.facts.user_id': 'User ID',
  'mail.facts.valid_until': 'Login is possible until',
  'mail.facts.register_until': 'Register by',
  'mail.facts.administrator': 'Entered by',
  'mail.sites': 'Sites that you can use',
  'mail.registration_url': 'Registration URL',
  'mail.initial_otp': 'Initial one-time password',
  'mail.delete_if_not_you': 'If you did not expect this email, delete it.',

  'mail.recovery_code.subject': '{site}: your one-time password to renew your credentials',
  'mail.recovery_code.intro': 'This is your one-time password to renew your credentials for {site}.',
  'mail.recovery_code.how': 'Enter it in the browser in which you started. It works once.',
  'mail.recovery_code.not_you':
    'If you did not ask for it, delete this email. Your credentials stay as they are unless both the one-time password and the answer to your secret question are entered. If such emails keep coming, contact the support desk of your site.',

  'mail.registered.subject': '{site}: your credentials are registered',
  'mail.registered.intro': 'Your credentials for {site} are registered.',
  'mail.registered.facts': 'About this registration',
  'mail.registered.was_you': 'If it was you, there is nothing to do.',
  'mail.registered.not_you':
    'If it was not you, somebody else may have registered. Contact the support desk of your site at once.',

  'mail.credentials_renewed.subject': '{site}: your credentials were renewed',
  'mail.credentials_renewed.intro': 'Your credentials for {site} were registered anew.',
  'mail.credentials_renewed.facts': 'About this registration',
  'mail.credentials_renewed.effect':
    'Your earlier credentials no longer work, and all logins at this login system have ended. Log out at sites that are still open.',
  'mail.credentials_renewed.was_you': 'If it was you, log in again with your new credentials.',
  'mail.credentials_renewed.not_you':
    'If it was not you, somebody else may have registered. Contact the support desk of your site at once.',

  'mail.invitation.subject': '{site}: register your credentials',
  'mail.invitation.intro':
    'Please register your credentials (a secret question and its answer, and more where it is asked for) to use {site}.',
  'mail.invitation.how':
    'Open the registration URL, enter the initial one-time password and register your credentials. After that the initial one-time password no longer works.',
  'mail.invitation.how_apart':
    'The initial one-time password comes in another email. Open the registration URL, enter it there and register your credentials.',
  'mail.invitation.never_ask':
    'Nobody will ever ask you for the initial one-time password by phone or email. Do not give it or the URL to anyone.',

  'mail.invitation_code.subject': '{site}: your initial one-time password',
  'mail.invitation_code.intro':
    'This is your initial one-time password to register your credentials for {site}.',
  'mail.invitation_code.how':
    'Open the registration URL, which comes in another email, and enter it there. Once you have registered, it no longer works.',

  'mail.invitation_reminder.subject': '{site}: not much time is left to register',
  'mail.invitation_reminder.intro':
    'Your credentials to use {site} are not registered yet. Please register them in time.',
  'mail.invitation_reminder.how_apart':
    'Open the registration URL, enter the initial one-time password and register your credentials. If you have not been given it yet or do not have it any more, ask the support desk or your administrator.',

  'mail.invitation_notice.subject': '{site}: you were entered as a user',
  'mail.invitation_notice.intro': 'You were entered as a user of {site}.',
  'mail.invitation_notice.how':
    'Your administrator gives you your user ID and an initial one-time password. Open the registration URL that comes with them, enter the initial one-time password and register your credentials.',
  'mail.invitation_notice.not_you':
    'If you did not expect this email, contact the administrator or the support desk.',

  'mail.handover.subject': '{contract}: an initial one-time password to hand over',
  'mail.handover.intro': 'Please hand this over to the user in person.',
  'mail.handover.how':
    'The user is told by email to get it from the administrator. Make sure that it is the right person, and delete this email afterwards.',
  'mail.handover.next':
    'Once the user has registered, the initial one-time password no longer works. If the time to register runs out, issue a new one.',

  'mail.validity_ends.subject': '{site}: soon you can no longer log in',
  'mail.validity_ends.intro': 'The time in which you can log in to {site} ends soon.',
  'mail.validity_ends.next':
    'After that you can no longer log in. To go on using the site, contact its administrator or support desk.',

  'mail.user_validity_ends.subject': '{contract}: users who soon can no longer log in',
  'mail.user_validity_ends.intro': 'These users soon can no longer log in.',
  'mail.user_validity_ends.list': 'Users, and until when they can log in',
  'mail.user_validity_ends.next':
    'Give those who are to go on a later date. For the others there is nothing to do.',
};
