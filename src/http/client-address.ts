/** Which address a request comes from, and under which name it is counted. */
import { isIP, isIPv6 } from 'node:net';

/**
 * The client's address. Each trusted proxy appends the address that it saw to X-Forwarded-For, so the client's is the
 * one that many places from the right; anything further left may be forged.
 * @param remote the socket's peer @param forwarded the header @param proxies how many proxies are trusted
 */
export function clientAddress(remote: string, forwarded: string | undefined, proxies: number): string {
  if (proxies === 0 || !forwarded) return plain(remote);
  const hops = forwarded.split(',').map((hop) => hop.trim());
  const hop = withoutPort(hops[Math.max(0, hops.length - proxies)] ?? '');
  return plain(isIP(hop) ? hop : remote);
}

/** Some proxies write `[2001:db8::1]:443` or `192.0.2.1:443`: a port must not make another client of it. */
function withoutPort(hop: string): string {
  return hop.replace(/^\[([^\]]*)\](:\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1');
}

/** An IPv4 address that arrives in an IPv6 socket is written as IPv4. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** The /48 network around a /64; null for IPv4. @param bucket as `addressBucket` names it */
export function widerBucket(bucket: string): string | null {
  return bucket.endsWith('::/64') ? `${bucket.split(':').slice(0, 3).join(':')}::/48` : null;
}

/** The name for rate limits: an IPv4 address, or the /64 network of an IPv6 address, which one customer holds. */
export function addressBucket(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? [] : Array(Math.max(0, 8 - left.length - right.length)).fill('0');
  const groups = [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group || '0', 16).toString(16));
  return `${groups.join(':')}::/64`;
}
