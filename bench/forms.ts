export interface Form {
  /** As written in the page: absolute or relative. */
  action: string;
  /** Names and values of the hidden inputs. */
  hidden: [name: string, value: string][];
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeHtml(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal) return String.fromCodePoint(Number(decimal));
      return ENTITIES[name ?? ''] ?? whole;
    },
  );
}

function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}=(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag);
  const value = match?.[1] ?? match?.[2] ?? match?.[3];
  return value === undefined ? undefined : unescapeHtml(value);
}

/**
 * The first form of a page that has an input of the given name.
 * Reads what well-formed server-made pages contain; it is no HTML parser.
 */
export function formWith(html: string, field: string): Form | undefined {
  for (const [form] of html.matchAll(/<form\b[\s\S]*?<\/form>/gi)) {
    const inputs = form.match(/<input\b[^>]*>/gi) ?? [];
    if (!inputs.some((input) => attribute(input, 'name') === field)) continue;
    const hidden = inputs
      .filter((input) => attribute(input, 'type') === 'hidden')
      .map((input): [string, string] => [attribute(input, 'name') ?? '', attribute(input, 'value') ?? '']);
    return { action: attribute(form.slice(0, form.indexOf('>') + 1), 'action') ?? '', hidden };
  }
  return undefined;
}
