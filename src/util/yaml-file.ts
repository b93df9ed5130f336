import { isMap, isScalar, LineCounter, type Node, parseDocument, Scalar, visit } from 'yaml';
import { UsageError } from '../errors.ts';

/** A parsed YAML file that can tell where in the file a value stands. */
export interface YamlFile {
  /** Maps, lists, null and text: numbers and booleans stay as they were written. */
  readonly content: unknown;
  /** `line 3, column 5` of the value at this path, or of the nearest one above it. */
  locate(path: readonly PropertyKey[]): string;
  /** `line 3, column 1` of the key itself at the end of this path, or of the nearest value above it. */
  locateKey(path: readonly PropertyKey[]): string;
}

/** @throws UsageError that names the file, the line and the column of the first syntax error. */
export function parseYaml(text: string, file: string): YamlFile {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, merge: true, prettyErrors: false });
  const position = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `line ${line}, column ${col}`;
  };

  const problem = document.errors[0];
  if (problem !== undefined) {
    throw new UsageError(`${file} is not valid YAML at ${position(problem.pos[0])}: ${sentence(problem.message)}.`, {
      cause: problem,
    });
  }
  // A default of 1e-05 is to be logged and passed on as it was typed, not as JavaScript would print it.
  visit(document, {
    Scalar(_key, node) {
      if (node.type === Scalar.PLAIN && node.value !== null) node.value = node.source;
    },
  });
  const nodeAt = (path: readonly PropertyKey[]) =>
    path.length === 0 ? document.contents : (document.getIn(path, true) as Node | undefined);
  const locate = (path: readonly PropertyKey[]) => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = nodeAt(path.slice(0, length));
      if (node?.range && !(isScalar(node) && node.range[0] === node.range[2] && length > 0)) {
        return position(node.range[0]);
      }
    }
    return position(0);
  };
  return {
    content: document.toJS({ maxAliasCount: 100 }),
    locate,
    locateKey(path) {
      const map = nodeAt(path.slice(0, -1));
      const pair = isMap(map) ? map.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
      return isScalar(pair?.key) && pair.key.range ? position(pair.key.range[0]) : locate(path);
    },
  };
}

function sentence(message: string): string {
  return message.trim().replace(/\s+/g, ' ').replace(/\.$/, '');
}
