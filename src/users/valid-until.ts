/** The date until which a user may log in, as administrators write it. */

/**
 * A day (`2027-03-31`: to its end in the given time zone) or an instant (`2027-03-31T17:00:00+09:00`).
 * @param timeZone IANA name
 * @returns the first millisecond at which login is no longer possible; null: neither of the two, or no such day
 */
export function readValidUntil(text: string, timeZone: string): number | null {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (day) return startOfNextDay(text, timeZone);
  const isInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  if (!isInstant || !isDay(text.slice(0, 10))) return null;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? null : instant;
}

/** JavaScript reads 30 February as 2 March. */
function isDay(day: string): boolean {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
}

function startOfNextDay(day: string, timeZone: string): number | null {
  if (!isDay(day)) return null;
  const wanted = Date.parse(`${day}T00:00:00Z`) + 24 * 60 * 60 * 1000;
  // The offset there may differ from the offset here: around a change of clocks the second look settles it.
  const first = wanted - offset(wanted, timeZone);
  return wanted - offset(first, timeZone);
}

/** By time zone. One takes longer to make than to use a hundred times. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** How far the zone's clocks are ahead of UTC at an instant, in milliseconds. */
function offset(instant: number, timeZone: string): number {
  const parts = formatIn(timeZone).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((candidate) => candidate.type === type)?.value);
  const shown = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return shown - Math.floor(instant / 1000) * 1000;
}
