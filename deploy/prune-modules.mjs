#!/usr/bin/env node
// Reduces an installed node_modules to what a container needs to train: node deploy/prune-modules.mjs PROJECT_FOLDER
// Removes the launcher's own packages and whatever only they need, and files that nothing loads (source maps, types, sources).
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import process from 'node:process';

// Used by the launcher's side alone (the engine, git, the command line, the build), and by an older Node.js than the image's.
const launcherOnly = [
  '@balena/dockerignore',
  '@swc/wasm-typescript',
  'docker-modem',
  'node-api-headers',
  'tar-fs',
  'yargs',
];

// Dependencies that a package declares and never loads where TensorFlow runs natively.
const unused = {
  '@tensorflow/tfjs': ['argparse', 'chalk', 'core-js', 'regenerator-runtime', 'yargs'],
  '@tensorflow/tfjs-node-gpu': ['adm-zip', 'https-proxy-agent', 'rimraf', 'tar'],
};

// Files that nothing loads, by package; a path ends with `/` for a folder. Everything else of a package stays.
const keptOnly = {
  '@tensorflow/tfjs': ['dist/tf.node.js'],
  '@tensorflow/tfjs-backend-cpu': ['dist/tf-backend-cpu.node.js'],
  '@tensorflow/tfjs-backend-webgl': ['dist/tf-backend-webgl.node.js'],
  '@tensorflow/tfjs-converter': ['dist/tf-converter.node.js'],
  '@tensorflow/tfjs-core': ['dist/tf-core.node.js'],
  '@tensorflow/tfjs-data': ['dist/tf-data.node.js'],
  '@tensorflow/tfjs-layers': ['dist/tf-layers.node.js'],
  '@tensorflow/tfjs-node-gpu': ['dist/', 'lib/'],
  h5wasm: ['dist/node/'],
};

const uselessFile = /(\.map|\.[cm]?ts|\.md|\.markdown|\.flow|_test\.js)$/;
const uselessFolder = new Set(['test', 'tests', '__tests__', 'example', 'examples', '.github']);

const project = resolve(process.argv[2] ?? '.');
const modules = join(project, 'node_modules');
const manifest = readManifest(project);

const kept = new Set();
const roots = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
for (const name of roots) if (!launcherOnly.includes(name)) keep(name, project);
for (const folder of packageFolders(modules)) {
  if (kept.has(folder)) prunePackage(folder);
  else if (![...kept].some((other) => other.startsWith(`${folder}/`))) rmSync(folder, { recursive: true, force: true });
}
for (const name of ['.bin', '.package-lock.json']) rmSync(join(modules, name), { recursive: true, force: true });

/** Marks a package and all it needs, found as Node.js finds them: upwards from the package that asks. */
function keep(name, from) {
  const folder = findPackage(name, from);
  if (folder === null || kept.has(folder)) return;
  kept.add(folder);
  const { dependencies, optionalDependencies } = readManifest(folder);
  for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies })) {
    if (dependency.startsWith('@types/') || dependency.endsWith('/types')) continue;
    if (!unused[name]?.includes(dependency)) keep(dependency, folder);
  }
}

function findPackage(name, from) {
  for (let folder = from; folder.startsWith(project); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return null;
}

/** Every package below a node_modules folder, nested ones last. */
function packageFolders(folder) {
  const direct = readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@')
        ? readdirSync(join(folder, name)).map((inner) => join(folder, name, inner))
        : [join(folder, name)],
    );
  const nested = direct.map((entry) => join(entry, 'node_modules')).filter((entry) => existsSync(entry));
  return [...direct, ...nested.flatMap(packageFolders)];
}

function prunePackage(folder) {
  const name = relative(modules, folder).split('node_modules/').at(-1);
  pruneFolder(folder, folder, keptOnly[name]);
}

function pruneFolder(folder, root, only) {
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    const inner = relative(root, path);
    if (lstatSync(path).isDirectory()) {
      if (entry === 'node_modules') continue;
      const wanted =
        only === undefined || only.some((item) => item.startsWith(`${inner}/`) || `${inner}/`.startsWith(item));
      if (!wanted || uselessFolder.has(entry)) rmSync(path, { recursive: true });
      else pruneFolder(path, root, only);
      continue;
    }
    const wanted =
      only === undefined || only.some((item) => item === inner || (item.endsWith('/') && inner.startsWith(item)));
    const legal = /^(licen[cs]e|notice|copying)/i.test(entry);
    if (!legal && entry !== 'package.json' && (!wanted || uselessFile.test(entry))) rmSync(path);
  }
}

function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
