import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorMessage } from '../errors.ts';
import { formatBytes } from '../util/format.ts';
import { packageRoot } from '../util/package-root.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import { broken, byHand, type Check, fine, type Outcome, skipped, unchecked, warning } from './check.ts';
import type { DoctorContext } from './context.ts';
import { readElfFile } from './elf-file.ts';
import { hostLibraries, isThere, usesTensorflow } from './host-libraries.ts';
import { safeCommand } from './mend-commands.ts';
import { trainOneStep } from './self-check.ts';
import { engineInfo, runEngine } from './shared-parts.ts';
import { installPackages, isInstalled } from './system-packages.ts';

const group = 'tensorflow';
const processor = 'tensorflow.processor';
const library = 'tensorflow.library';
const binding = 'tensorflow.binding';

/** What is in the image is tried as a whole. */
const inImage = 'A run in Docker has its own, in the image';

/** TensorFlow's library and its binding, for projects that train with TensorFlow.js. */
export const tensorflowChecks: readonly Check[] = [
  { id: processor, group, title: 'processor', run: judgeProcessor },
  { id: library, group, title: 'library', needs: [processor], run: lookAtLibraries },
  { id: binding, group, title: 'binding', needs: [library], run: lookAtBinding },
  {
    id: 'tensorflow.training',
    group,
    title: 'trains a step',
    needs: [processor, library, binding],
    timeoutMs: 180_000,
    run: trainOneStep,
  },
];

/** The libraries are built for one kind of processor. */
async function judgeProcessor(context: DoctorContext): Promise<Outcome> {
  if (!(await usesTensorflow(context))) return skipped('This project does not train with TensorFlow.js');
  const isDocker = (await runEngine(context)) === 'docker';
  const architecture = isDocker ? (await engineInfo(context)).architecture : context.node.architecture;
  const flags = /^flags\s*:(.*)$/m.exec(await readFile('/proc/cpuinfo', 'utf8').catch(() => ''))?.[1]?.split(' ') ?? [];
  const facts = { architecture, hasAvx: flags.includes('avx'), hasAvx512: flags.includes('avx512f') };
  if (!['x86_64', 'amd64', 'x64'].includes(architecture)) {
    return broken(
      `TensorFlow's libraries are for x86-64, and ${isDocker ? 'the engine' : 'this machine'} is ${architecture}`,
      {
        facts,
      },
    );
  }
  if (flags.length > 0 && !facts.hasAvx) {
    return broken("This processor has no AVX, without which TensorFlow's libraries do not run", { facts });
  }
  return fine(`x86-64 with AVX${facts.hasAvx512 ? '-512' : flags.includes('avx2') ? '2' : ''}`, facts);
}

async function lookAtLibraries(context: DoctorContext): Promise<Outcome> {
  if ((await runEngine(context)) === 'docker') return skipped(inImage, { blocks: null });
  const found = await hostLibraries(context);
  if (found === null) {
    return skipped('The npm package @tensorflow/tfjs-node-gpu is not installed');
  }
  if (found.prefix === null) return notInstalled(context);
  let sizeBytes = 0;
  for (const file of found.libraries) {
    const problem = await libraryProblem(file, context);
    if (typeof problem === 'string') {
      const target = found.isByHand ? join(found.package, 'deps') : found.prefix;
      const again = found.isByHand ? '' : '; without it, the next run on the host gets it again';
      return broken(`${problem}${again}`, {
        mend: byHand(`rm -r ${quoteForShell(target)}`),
        facts: { file, prefix: found.prefix },
      });
    }
    sizeBytes += problem;
  }
  const facts = { prefix: found.prefix, flavor: found.flavor, sizeBytes };
  return fine(`${formatBytes(sizeBytes)}, ${found.flavor?.toUpperCase()} flavour, in ${found.prefix}`, facts);
}

/** The first run on the host gets it, if it can. */
async function notInstalled(context: DoctorContext): Promise<Outcome> {
  const missing = [
    ...((await isInstalled('python3', context)) ? [] : ['python3', 'python3-pip']),
    ...((await isInstalled('g++', context)) ? [] : ['g++']),
  ];
  const blocks = 'TensorFlow is not on this machine yet';
  if (missing.length > 0) {
    const text = `Not on this machine yet, and the first run, which gets it, needs ${missing.join(', ')}`;
    return broken(text, { mend: await installPackages(missing, context), facts: { missing }, blocks });
  }
  return warning('Not on this machine yet: the first run on the host downloads it (274 MB) and takes a minute', {
    blocks,
  });
}

/** The size of a library in bytes, or what is wrong with it. */
async function libraryProblem(file: string, { node }: DoctorContext): Promise<number | string> {
  let elf: Awaited<ReturnType<typeof readElfFile>>;
  try {
    elf = await readElfFile(file);
  } catch (error) {
    return `${file} cannot be read: ${errorMessage(error)}`;
  }
  if (elf === null) return `${file} is not a shared library`;
  if (elf.architecture !== node.architecture) {
    return `${file} is for ${elf.architecture}, and this machine is ${node.architecture}`;
  }
  if (elf.sizeBytes < elf.expectedBytes) {
    return `${file} is cut off: ${formatBytes(elf.sizeBytes)} of ${formatBytes(elf.expectedBytes)}`;
  }
  return elf.sizeBytes;
}

async function lookAtBinding(context: DoctorContext): Promise<Outcome> {
  if ((await runEngine(context)) === 'docker') return skipped(inImage, { blocks: null });
  const found = await hostLibraries(context);
  if (found === null || found.prefix === null) return unchecked('TensorFlow is not on this machine yet');
  const headers = join(found.prefix, 'include');
  const modules = dirname(dirname(found.package));
  const script = join(packageRoot(), 'deploy', 'build-tensorflow-binding.sh');
  const compile = safeCommand(['sh', script, headers, modules]);
  const canCompile = (await isThere(headers)) && (await isInstalled('g++', context));
  const mend = canCompile ? compile : byHand(compile.command);
  const facts = { file: found.binding, nodeApi: process.versions.napi };
  if (!(await isThere(found.binding))) {
    const blocks = 'the binding is not compiled yet';
    if (canCompile) return warning('Not compiled yet: the next run on the host does it', { mend, facts, blocks });
    const compiler = await installPackages(['g++'], context);
    return broken('Not compiled yet, and that needs g++', { mend: compiler, facts, blocks });
  }
  const problem = await libraryProblem(found.binding, context);
  if (typeof problem === 'string') return broken(problem, { mend, facts });
  return fine(`Compiled for ${context.node.architecture} (Node-API 8; this Node.js has ${facts.nodeApi})`, facts);
}
