/** A form as a browser without scripts would send it. */
export interface HtmlForm {
  method: 'get' | 'post';
  /** Absolute URL. */
  action: string;
  /** What is sent when nothing is typed: hidden fields, preset values, checked boxes. No buttons. */
  fields: Record<string, string>;
  /** Names that can be filled in or pressed: fields, unchecked boxes and named buttons. */
  names: Set<string>;
  /** Labels of its buttons. */
  buttons: string[];
}

interface Tag {
  name: string;
  closing: boolean;
  attributes: Record<string, string>;
  /** Where it ends in the source. */
  end: number;
}

/** Forms of a page, in order. Reads well-formed HTML such as template engines write; not a parser for the wild. */
export function formsOf(html: string, pageUrl: string): HtmlForm[] {
  const tags = [...tagsOf(html)];
  const forms = new Map<Tag, HtmlForm>();
  const byId = new Map<string | undefined, HtmlForm>();
  for (const tag of tags) {
    if (tag.name !== 'form' || tag.closing) continue;
    forms.set(tag, openForm(tag.attributes, pageUrl));
    byId.set(tag.attributes.id, forms.get(tag) as HtmlForm);
  }
  let around: HtmlForm | undefined;
  let select: string | undefined;
  for (const tag of tags) {
    if (tag.name === 'form') around = forms.get(tag);
    if (tag.name === 'select') select = tag.closing ? undefined : tag.attributes.name;
    // A control may name its form instead of standing in it.
    const form = tag.attributes.form === undefined ? around : byId.get(tag.attributes.form);
    if (!form || tag.closing) continue;
    if (tag.name === 'option' && select) readOption(form, select, tag, html);
    else readControl(form, tag, html);
  }
  return [...forms.values()];
}

/** Text of the first element of that name, entities decoded and tags removed; empty when there is none. */
export function textOf(html: string, element: string): string {
  const inner = new RegExp(`<${element}\\b[^>]*>([\\s\\S]*?)</${element}>`, 'i').exec(html)?.[1] ?? '';
  return decodeEntities(inner.replace(/<[^>]*>/g, '')).trim();
}

/** Absolute addresses of a page's links by their text. */
export function linksOf(html: string, pageUrl: string): { text: string; href: string }[] {
  return [...tagsOf(html)]
    .filter((tag) => tag.name === 'a' && !tag.closing && tag.attributes.href !== undefined)
    .map((tag) => ({
      text: decodeEntities(
        html
          .slice(tag.end)
          .split('</a>')[0]
          ?.replace(/<[^>]*>/g, '') ?? '',
      ).trim(),
      href: new URL(tag.attributes.href ?? '', pageUrl).href,
    }));
}

function openForm(attributes: Record<string, string>, pageUrl: string): HtmlForm {
  return {
    method: attributes.method?.toLowerCase() === 'post' ? 'post' : 'get',
    action: new URL(attributes.action ?? '', pageUrl).href,
    fields: {},
    names: new Set(),
    buttons: [],
  };
}

function readOption(form: HtmlForm, select: string, { attributes, end }: Tag, html: string): void {
  const value = attributes.value ?? contentUntil(html, end, 'option');
  if (!form.names.has(select) || 'selected' in attributes) form.fields[select] = value;
  form.names.add(select);
}

function readControl(form: HtmlForm, { name: element, attributes, end }: Tag, html: string): void {
  const { name, value = '', type = element === 'button' ? 'submit' : 'text' } = attributes;
  const pressed = element === 'button' || ['submit', 'button', 'reset', 'image'].includes(type);
  if (!['input', 'textarea', 'button'].includes(element)) return;
  if (pressed) form.buttons.push(element === 'button' ? contentUntil(html, end, 'button') : value);
  if (!name || 'disabled' in attributes) return;
  form.names.add(name);
  if (pressed) return;
  if (element === 'textarea') form.fields[name] = contentUntil(html, end, 'textarea');
  else if (type !== 'checkbox' && type !== 'radio') form.fields[name] = value;
  else if ('checked' in attributes) form.fields[name] = attributes.value ?? 'on';
}

function contentUntil(html: string, start: number, element: string): string {
  const inner = html.slice(start).split(`</${element}`)[0] ?? '';
  return decodeEntities(inner.replace(/<[^>]*>/g, '')).trim();
}

function* tagsOf(html: string): Generator<Tag> {
  const source = html.replace(/<!--[\s\S]*?-->/g, (comment) => ' '.repeat(comment.length));
  for (const match of source.matchAll(
    /<(\/?)([a-z][a-z0-9-]*)((?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))?)*)\s*\/?>/gi,
  )) {
    const [whole, slash, name = '', list = ''] = match;
    const attributes: Record<string, string> = {};
    for (const [, key = '', double, single, bare] of list.matchAll(
      /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+)))?/g,
    )) {
      attributes[key.toLowerCase()] = decodeEntities(double ?? single ?? bare ?? '');
    }
    yield { name: name.toLowerCase(), closing: slash === '/', attributes, end: match.index + whole.length };
  }
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

export function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return named[name as string] ?? whole;
  });
}
