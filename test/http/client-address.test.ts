import { describe, expect, test } from '@jest/globals';
import { addressBucket, clientAddress } from '../../src/http/client-address.ts';

describe('the address of a client', () => {
  test.each([
    ['no proxy is trusted: the header is nothing', '203.0.113.5', '198.51.100.1', 0, '203.0.113.5'],
    ['no header', '203.0.113.5', undefined, 1, '203.0.113.5'],
    ['one proxy', '10.0.0.1', '198.51.100.1', 1, '198.51.100.1'],
    [
      'one proxy, forged entries to the left',
      '10.0.0.1',
      '1.1.1.1, 2.2.2.2, 198.51.100.1',
      1,
      '198.51.100.1',
    ],
    ['two proxies', '10.0.0.1', '6.6.6.6, 198.51.100.1, 10.0.0.2', 2, '198.51.100.1'],
    ['fewer hops than proxies', '10.0.0.1', '198.51.100.1', 3, '198.51.100.1'],
    ['blanks and empty entries', '10.0.0.1', ' , ,  198.51.100.1  ', 1, '198.51.100.1'],
    ['an empty header', '10.0.0.1', '', 1, '10.0.0.1'],
    ['IPv4 in an IPv6 socket', '::ffff:198.51.100.1', undefined, 0, '198.51.100.1'],
    ['IPv4 in IPv6 in the header', '10.0.0.1', '::FFFF:198.51.100.1', 1, '198.51.100.1'],
    ['IPv6', '10.0.0.1', '2001:db8::1', 1, '2001:db8::1'],
    ['IPv6 in brackets', '10.0.0.1', '[2001:db8::1]', 1, '2001:db8::1'],
    ['IPv6 with a port', '10.0.0.1', '[2001:db8::1]:52000', 1, '2001:db8::1'],
    ['IPv4 with a port', '10.0.0.1', '198.51.100.1:52000', 1, '198.51.100.1'],
  ])('%s', (_, remote, header, proxies, address) => {
    expect(clientAddress(remote, header, proxies)).toBe(address);
  });

  test.each([
    'unknown',
    '_hidden',
    'evil.example',
    '1.2.3',
    '999.1.1.1',
    'dead.beef',
    '::::',
    '<b>',
    '1.2.3.4:x',
    `${'1'.repeat(9000)}`,
  ])('a word that is no address is not believed: %s', (header) => {
    expect(clientAddress('10.0.0.1', header, 1)).toBe('10.0.0.1');
  });
});

describe('the name under which an address is counted', () => {
  test.each([
    ['198.51.100.1', '198.51.100.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::ffff', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1::2:3:4:5', '2001:db8:1:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::198.51.100.1', '64:ff9b:0:0::/64'],
  ])('%s', (address, bucket) => {
    expect(addressBucket(address)).toBe(bucket);
  });

  test('all spellings of one network are one name, and neighbours another', () => {
    const names = ['2001:db8:0:1::1', '2001:db8:0000:0001:ffff:ffff:ffff:ffff', '2001:DB8:0:1:0:0:0:0'].map(
      addressBucket,
    );
    expect(new Set(names).size).toBe(1);
    expect(addressBucket('2001:db8:0:2::1')).not.toBe(names[0]);
  });
});
