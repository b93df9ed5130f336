import { execFileSync } from 'node:child_process';
import { cp, mkdir, open, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packContext } from '../../../src/image/index.ts';
import { testBaseImage } from '../../support/base-image.ts';
import { type Findings, look } from '../../support/doctor.ts';
import { requireDocker, skip, type TemporaryDirectory, temporaryDirectory } from '../../support/index.ts';

const checkout = resolve(import.meta.dirname, '../../..');
const npmPackage = '@tensorflow/tfjs-node-gpu';
const ids = ['tensorflow.library', 'tensorflow.binding', 'tensorflow.training'];

let project: TemporaryDirectory;
let deps: string;
let binding: string;

/** This project as it is installed here, with a package of TensorFlow of its own that a test may spoil. */
beforeAll(async () => {
  const installed = join(checkout, 'node_modules', npmPackage);
  const libraries = await realpath(join(installed, 'deps')).catch(() => skip('TensorFlow is not installed here'));
  project = await temporaryDirectory();
  for (const name of ['bin', 'dist', 'package.json'])
    await cp(join(checkout, name), project.join(name), { recursive: true });
  await mkdir(project.join('node_modules', '@tensorflow'), { recursive: true });
  for (const name of await readdir(join(checkout, 'node_modules'))) {
    if (name !== '@tensorflow') await symlink(join(checkout, 'node_modules', name), project.join('node_modules', name));
  }
  for (const name of await readdir(join(checkout, 'node_modules', '@tensorflow'))) {
    const [from, to] = [
      join(checkout, 'node_modules', '@tensorflow', name),
      project.join('node_modules', '@tensorflow', name),
    ];
    if (name !== 'tfjs-node-gpu') await symlink(from, to);
  }
  const own = project.join('node_modules', npmPackage);
  await mkdir(own);
  for (const name of ['package.json', 'dist', 'lib'])
    await cp(join(installed, name), join(own, name), { recursive: true });
  deps = join(own, 'deps');
  binding = join(own, 'lib', 'napi-v8', 'tfjs_binding.node');
  await cp(binding, `${binding}.good`);
  await symlink(libraries, `${deps}.good`);
});

beforeEach(async () => {
  await rm(deps, { recursive: true, force: true });
  await symlink(await realpath(`${deps}.good`), deps);
  await cp(`${binding}.good`, binding, { force: true });
});

afterAll(() => project?.remove());

function lookAt(gpus: string | null = null): Promise<Findings> {
  return look([...ids, 'gpu.library'], { projectDirectory: project.path, engine: 'host', gpus });
}

/** Libraries of one's own, linked but for what the test changes. */
async function ownLibraries(): Promise<string> {
  const good = await realpath(`${deps}.good`);
  await rm(deps);
  await mkdir(join(deps, 'lib'), { recursive: true });
  await symlink(join(good, 'include'), join(deps, 'include'));
  for (const name of await readdir(join(good, 'lib'))) await symlink(join(good, 'lib', name), join(deps, 'lib', name));
  return join(deps, 'lib', 'libtensorflow_cc.so.2');
}

describe('TensorFlow on the host', () => {
  it('loads and trains a step', async () => {
    const found = await lookAt();
    for (const id of ids) expect(found[id]).toMatchObject({ status: 'fine' });
    expect(found['tensorflow.training']).toMatchObject({
      text: expect.stringContaining('loads and trains on the'),
      facts: { loss: expect.any(Number), tensorflow: expect.stringMatching(/^\d+\.\d+/) },
    });
  });

  it('whose library is cut off is broken, and is not loaded', async () => {
    const library = await ownLibraries();
    const whole = await open(await realpath(library), 'r');
    const head = Buffer.alloc(1024 * 1024);
    await whole.read(head, 0, head.length, 0);
    await whole.close();
    await rm(library);
    await writeFile(library, head);
    const found = await lookAt();
    expect(found['tensorflow.library']).toMatchObject({
      status: 'broken',
      text: expect.stringMatching(/libtensorflow_cc\.so\.2 is cut off: 1\.0 MB of \d+ MB/),
      mend: { command: `rm -r ${deps}`, isSafe: false },
    });
    expect(found['tensorflow.training']).toMatchObject({ status: 'skipped', blockedBy: 'tensorflow.library' });
  });

  it('whose library is something else, or not there, is broken', async () => {
    const library = await ownLibraries();
    await rm(library);
    await writeFile(library, '<html>404 Not Found</html>');
    expect((await lookAt())['tensorflow.library']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('is not a shared library'),
    });
    await rm(library);
    expect((await lookAt())['tensorflow.library']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('ENOENT'),
    });
  });

  it('that was put there by hand for the CPU is broken for a run with --gpus', async () => {
    await ownLibraries();
    expect((await lookAt('all'))['gpu.library']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('put there by hand'),
      mend: { command: `rm -r ${deps}`, isSafe: false },
    });
  });

  it('whose binding is for another processor is broken, and can be compiled again safely', async () => {
    const content = await readFile(binding);
    // e_machine of the ELF header: 183 is AArch64.
    content.writeUInt16LE(183, 18);
    await writeFile(binding, content);
    const found = await lookAt();
    expect(found['tensorflow.binding']).toMatchObject({
      status: 'broken',
      text: expect.stringContaining('is for arm64, and this machine is x64'),
    });
    const { mend } = found['tensorflow.binding']!;
    if (mend?.isSafe !== true) skip('g++ is not installed');
    expect(mend?.argv?.[1]).toMatch(/build-tensorflow-binding\.sh$/);
    expect(found['tensorflow.training']?.status).toBe('skipped');
  });

  it('whose binding is for another Node.js is broken, in its own words', async () => {
    const source = project.join('other.cc');
    await writeFile(
      source,
      `struct node_module { int nm_version; unsigned nm_flags; void* nm_dso_handle; const char* nm_filename;
         void* nm_register_func; void* nm_context_register_func; const char* nm_modname; void* nm_priv; void* nm_link; };
       extern "C" void node_module_register(void* module);
       static node_module described = { 83, 0, 0, "other.cc", 0, 0, "tfjs_binding", 0, 0 };
       __attribute__((constructor)) static void enlist() { node_module_register(&described); }`,
    );
    try {
      execFileSync('g++', ['-shared', '-fPIC', source, '-o', binding], { stdio: 'ignore' });
    } catch {
      skip('g++ is not installed');
    }
    const found = await lookAt();
    expect(found['tensorflow.training']).toMatchObject({
      status: 'broken',
      text: expect.stringMatching(/NODE_MODULE_VERSION 83/),
    });
  });

  it('whose binding is not compiled yet is a warning with the command that does it', async () => {
    await rm(binding);
    const found = await lookAt();
    expect(found['tensorflow.binding']).toMatchObject({ text: expect.stringContaining('Not compiled yet') });
    expect(found['tensorflow.binding']?.mend?.command).toMatch(/build-tensorflow-binding\.sh|g\+\+/);
    expect(found['tensorflow.training']).toMatchObject({ status: 'skipped' });
  });

  it('whose program breaks down is told by the signal', async () => {
    const program = project.join('bin', 'train');
    const good = await readFile(program);
    try {
      await writeFile(program, "process.kill(process.pid, 'SIGILL');\nsetTimeout(() => {}, 10000);\n");
      expect((await lookAt())['tensorflow.training']).toMatchObject({
        status: 'broken',
        text: expect.stringContaining('the processor lacks an instruction'),
      });
    } finally {
      await writeFile(program, good);
    }
  });
});

describe('TensorFlow in the image', () => {
  it('is tried in the newest image of the project, by the program in it', async () => {
    const docker = await requireDocker();
    const name = `doctor-test-${process.pid}`;
    await writeFile(project.join('MLproject'), `name: ${name}\n`);
    const built: string[] = [];
    const build = async (tag: string, program: string): Promise<void> => {
      await using context = await temporaryDirectory();
      await writeFile(
        context.join('Dockerfile'),
        `FROM ${await testBaseImage()}\nLABEL slipway.strict=true slipway.project=${name}\nWORKDIR /app\nCOPY bin bin\n`,
      );
      await mkdir(context.join('bin'));
      await writeFile(context.join('bin', 'train'), program);
      built.push(`${name}:${tag}`);
      const files = ['Dockerfile', 'bin/train'].map((path) => ({
        path,
        mode: 0o644 as const,
        isLink: false,
        sizeBytes: 0,
      }));
      await docker.buildImage({ context: packContext(context.path, files, []), tags: [`${name}:${tag}`] });
    };
    const training = async () => {
      const found = await look(['tensorflow.training'], { projectDirectory: project.path, engine: 'docker' });
      return found['tensorflow.training'];
    };
    try {
      expect(await training()).toMatchObject({
        status: 'skipped',
        text: expect.stringContaining('first run builds it'),
      });
      await build('one', "process.stderr.write('There is no parameter named self-check.\\n'); process.exitCode = 64;");
      expect(await training()).toMatchObject({
        status: 'skipped',
        text: expect.stringContaining('older than this check'),
      });
      // The engine tells when an image was made by the second.
      await docker.removeImage(built[0]!);
      await build('two', "console.log(JSON.stringify({ ok: false, problem: 'the library cannot be loaded' }));");
      expect(await training()).toMatchObject({
        status: 'broken',
        text: `The library cannot be loaded (in ${name}:two)`,
      });
      expect(await docker.listContainers({ label: 'slipway.doctor' })).toEqual([]);
    } finally {
      for (const image of built) await docker.removeImage(image, { force: true });
      await rm(project.join('MLproject'));
    }
  });
});
