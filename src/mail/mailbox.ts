/**
 * Addresses as SMTP and mail headers want them. Japanese mobile carriers gave out local parts that are no dot-atom
 * (`a..b@docomo.ne.jp`, `abc.@ezweb.ne.jp`); written as a quoted string they are valid and mean the same mailbox
 * (docs/decisions/0003-carrier-addresses.md).
 */

/** RFC 5321 section 4.1.2: Dot-string. */
const DOT_STRING = /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
/** RFC 5321 section 4.5.3.1.3 allows 256 octets for a path with its angle brackets. */
const MOST = 254;

/**
 * The Mailbox of RFC 5321: for RCPT TO and, in angle brackets, for headers.
 * @returns null for what cannot stand in a command or header: anything but printable ASCII, spaces, angle brackets
 */
export function mailbox(address: string): string | null {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  if (at < 1 || address.length > MOST) return null;
  if (!/^[\x21-\x7e]+$/.test(local) || /[<>]/.test(local) || !/^[a-z0-9.-]+$/i.test(domain)) return null;
  return DOT_STRING.test(local) ? address : `"${local.replace(/["\\]/g, '\\$&')}"@${domain}`;
}
