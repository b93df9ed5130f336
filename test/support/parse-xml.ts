/** An element of an XML document. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

const token =
  /<!--[\s\S]*?-->|<!DOCTYPE[^>]*>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
const attribute = /([\w:.-]+)="([^"]*)"/g;
const entity = /&(?:(amp|lt|gt|quot|apos)|#(\d+)|#x([0-9a-fA-F]+));|&/g;
const characters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Reads a document strictly, as far as SVG needs it. Throws SyntaxError for what is not well-formed XML. */
export function parseXml(text: string): XmlElement {
  const root: { name: string; attributes: Record<string, string>; children: (XmlElement | string)[] } = {
    name: '',
    attributes: {},
    children: [],
  };
  const open = [root];
  let position = 0;
  while (position < text.length) {
    token.lastIndex = position;
    const match = token.exec(text);
    if (match === null) throw new SyntaxError(`no XML at ${position}: ${text.slice(position, position + 80)}`);
    position = token.lastIndex;
    const [, closed, opened, attributes = '', selfClosing, content] = match;
    const parent = open.at(-1) as typeof root;
    if (content !== undefined) parent.children.push(decoded(content));
    if (closed !== undefined && open.pop()?.name !== closed)
      throw new SyntaxError(`</${closed}> closes another element`);
    if (opened === undefined) continue;
    const element = { name: opened, attributes: attributesOf(attributes), children: [] };
    parent.children.push(element);
    if (selfClosing === '') open.push(element);
  }
  const elements = root.children.filter((child) => typeof child !== 'string');
  if (open.length !== 1 || elements.length !== 1) throw new SyntaxError('the document is not one closed element');
  return elements[0] as XmlElement;
}

/** All elements of a document, in order. */
export function allElements(element: XmlElement): XmlElement[] {
  return [element, ...element.children.flatMap((child) => (typeof child === 'string' ? [] : allElements(child)))];
}

/** The texts of `<text>` elements, one for each, lines joined by a newline. */
export function drawnTexts(document: XmlElement): string[] {
  return allElements(document)
    .filter(({ name }) => name === 'text')
    .map(({ children }) =>
      children.map((child) => (typeof child === 'string' ? child : child.children.join(''))).join('\n'),
    );
}

function attributesOf(text: string): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(attribute)) {
    if (Object.hasOwn(result, name)) throw new SyntaxError(`the attribute ${name} is there twice`);
    result[name] = decoded(value);
  }
  return result;
}

function decoded(text: string): string {
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text)) throw new SyntaxError('a control character');
  return text.replace(entity, (whole, name?: string, decimal?: string, hexadecimal?: string) => {
    if (name !== undefined) return characters[name] as string;
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hexadecimal !== undefined) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
    throw new SyntaxError(`a bare & in: ${whole}${text.slice(0, 60)}`);
  });
}
