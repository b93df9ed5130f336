import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { parseSync, Visitor } from 'rolldown/utils';

/** What a source file says of itself, as far as the rules on imports and globals need it. */
export interface SourceModule {
  /** From the checkout, with slashes: `src/docker/engine.ts`. */
  readonly path: string;
  readonly lineCount: number;
  /** Project files it imports, types included. */
  readonly imports: readonly string[];
  /** Packages it imports, without `node:` modules. */
  readonly packages: readonly string[];
  /** Two-part names it uses as `object.property`: `process.env`, `console.error`. */
  readonly members: ReadonlySet<string>;
}

/** Reads all TypeScript files below the folders of a checkout. */
export function readSourceModules(checkout: string, folders: readonly string[]): SourceModule[] {
  return folders.flatMap((folder) =>
    readdirSync(join(checkout, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => parseSourceModule(relative(checkout, file).replaceAll(sep, '/'), readFileSync(file, 'utf8'))),
  );
}

/** Reads one file's text; `path` is from the checkout. */
export function parseSourceModule(path: string, text: string): SourceModule {
  const { program, module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]!.message}`);
  const specifiers = new Set<string>(module.staticImports.map((statement) => statement.moduleRequest.value));
  for (const statement of module.staticExports) {
    for (const entry of statement.entries) if (entry.moduleRequest) specifiers.add(entry.moduleRequest.value);
  }
  const members = new Set<string>();
  new Visitor({
    ImportExpression({ source }) {
      if (source.type === 'Literal' && typeof source.value === 'string') specifiers.add(source.value);
    },
    TSImportType({ source }) {
      specifiers.add(source.value);
    },
    MemberExpression({ object, property }) {
      if (object.type === 'Identifier' && property.type === 'Identifier') {
        members.add(`${object.name}.${property.name}`);
      }
    },
  }).visit(program);
  const all = [...specifiers];
  return {
    path,
    lineCount: text.replace(/\n$/, '').split('\n').length,
    imports: all.filter((name) => name.startsWith('.')).map((name) => normalize(join(dirname(path), name))),
    packages: all.filter((name) => !name.startsWith('.') && !name.startsWith('node:')).map(packageName),
    members,
  };
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The room of the house a file lives in: its folder below `src` or `trainer`, or its own name where it lies at the top. */
export function roomOf(path: string): string {
  const [root = '', ...rest] = path.split('/');
  return `${root}/${(rest[0] ?? '').replace(/\.ts$/, '')}`;
}

/** Imports that the table does not allow, each as one sentence. A room's files may import each other. */
export function forbiddenImports(
  modules: readonly SourceModule[],
  table: Readonly<Record<string, readonly string[]>>,
): string[] {
  return modules.flatMap((module) => {
    const room = roomOf(module.path);
    const allowed = table[room];
    if (!allowed) return [`${module.path} lives in ${room}, which has no row in the table`];
    return module.imports
      .filter((target) => roomOf(target) !== room && !allowed.includes(roomOf(target)))
      .map((target) => `${module.path} imports ${target}, and ${room} may not import ${roomOf(target)}`);
  });
}

/** Circles of rooms that import each other, each as `a > b > a`. */
export function roomCycles(modules: readonly SourceModule[]): string[] {
  const arrows = new Map<string, Set<string>>();
  for (const module of modules) {
    const from = roomOf(module.path);
    const targets = arrows.get(from) ?? new Set();
    for (const target of module.imports) if (roomOf(target) !== from) targets.add(roomOf(target));
    arrows.set(from, targets);
  }
  const cycles: string[] = [];
  const done = new Set<string>();
  const walk = (room: string, trail: readonly string[]): void => {
    const start = trail.indexOf(room);
    if (start >= 0) cycles.push([...trail.slice(start), room].join(' > '));
    if (start >= 0 || done.has(room)) return;
    for (const next of arrows.get(room) ?? []) walk(next, [...trail, room]);
    done.add(room);
  };
  for (const room of arrows.keys()) walk(room, []);
  return cycles;
}
