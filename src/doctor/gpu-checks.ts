import { DockerApiError } from '../docker/index.ts';
import { quoteForShell } from '../util/quote-for-shell.ts';
import { broken, byHand, type Check, fine, type Mend, type Outcome, skipped, warning } from './check.ts';
import { type DoctorContext, shared } from './context.ts';
import { hostLibraries, usesTensorflow } from './host-libraries.ts';
import { askNvidiaSmi, type GpuDevice, type GpuReport, hasNvidiaDevice, kernelDriverVersion } from './nvidia.ts';
import { runContainer } from './run-container.ts';
import { connectedEngine, imageAtHand, projectImages, runEngine } from './shared-parts.ts';
import { isInstalled } from './system-packages.ts';

/** CUDA 12 needs this driver or a later one (https://docs.nvidia.com/deploy/cuda-compatibility). */
const oldestDriver = 525;

const group = 'gpu';
const driver = 'gpu.driver';

const nvidiaSmi = shared((context: DoctorContext): Promise<GpuReport> => askNvidiaSmi(context, context.signal));

/** GPUs, as far as a person wants them or a machine has them. */
export const gpuChecks: readonly Check[] = [
  { id: driver, group, title: 'driver', run: findDriver },
  { id: 'gpu.devices', group, title: 'devices', needs: [driver], run: findDevices },
  {
    id: 'gpu.container',
    group,
    title: 'in a container',
    needs: [driver, 'engine.nvidia', 'engine.container'],
    timeoutMs: 60_000,
    run: findInContainer,
  },
  { id: 'gpu.library', group, title: 'library', run: findLibrary },
];

async function findDriver(context: DoctorContext): Promise<Outcome> {
  const [report, kernel, hasDevice] = await Promise.all([nvidiaSmi(context), kernelDriverVersion(), hasNvidiaDevice()]);
  const version = report.state === 'devices' && report.driverVersion !== '' ? report.driverVersion : kernel;
  const facts = { driverVersion: version, isWanted: context.gpus !== null };
  if (report.state === 'failed') {
    const text = `nvidia-smi does not get an answer: ${report.reason.replace(/\.$/, '')}`;
    const more = { facts, mend: driverMend(report.reason), blocks: 'the driver does not answer' };
    return (context.gpus === null ? warning : broken)(text, more);
  }
  if (version === null && !hasDevice) {
    if (context.gpus === null) return skipped('No NVIDIA GPU here, and none was asked for (--gpus)', { facts });
    return broken('GPUs were asked for, and this machine has no NVIDIA driver: install it, or run without --gpus', {
      facts,
      mend: await driverInstallation(context),
      blocks: 'there is no driver',
    });
  }
  const major = Number.parseInt(version ?? '', 10);
  if (major < oldestDriver) {
    const text = `Driver ${version} is too old for CUDA 12: ${oldestDriver}.60 or later is needed`;
    return (context.gpus === null ? warning : broken)(text, { facts, mend: await driverInstallation(context) });
  }
  return fine(`NVIDIA driver ${version ?? 'of an unknown version'}`, facts);
}

/** After an update of its packages the driver in the kernel is still the old one. */
function driverMend(reason: string): Mend | null {
  if (/version mismatch/i.test(reason)) return byHand('sudo reboot');
  return /communicate with the NVIDIA driver/i.test(reason) ? byHand('sudo modprobe nvidia') : null;
}

async function driverInstallation(context: DoctorContext): Promise<Mend | null> {
  if (await isInstalled('ubuntu-drivers', context)) return byHand('sudo ubuntu-drivers install');
  return (await isInstalled('apt-get', context)) ? byHand('sudo apt-get install nvidia-driver') : null;
}

async function findDevices(context: DoctorContext): Promise<Outcome> {
  const report = await nvidiaSmi(context);
  if (report.state !== 'devices') return skipped('Not known: nvidia-smi, which would tell them, is not installed');
  const { devices } = report;
  const facts = { devices };
  // GPUs are named and sold by GiB.
  const list = devices.map(({ index, name, memoryMiB }) => `${index}: ${name}, ${Math.round(memoryMiB / 1024)} GiB`);
  const missing = missingDevices(context.gpus, devices);
  if (missing !== null) {
    const here = devices.length === 0 ? 'no GPU' : devices.length === 1 ? 'one GPU' : `${devices.length} GPUs`;
    const which = devices.length === 0 ? '' : ` (${list.join('; ')})`;
    return broken(`--gpus asks for ${missing}; this machine has ${here}${which}`, { facts });
  }
  if (devices.length === 0) return warning('The driver knows no GPU', { facts });
  return fine(list.join('; '), facts);
}

/** What `--gpus` asks for and is not there; null where all is. */
export function missingDevices(gpus: string | null, devices: readonly GpuDevice[]): string | null {
  if (gpus === null) return null;
  if (gpus === 'all') return devices.length === 0 ? 'all GPUs' : null;
  const named = /^"?device=([\w,:-]+)"?$/.exec(gpus)?.[1]?.split(',');
  if (named === undefined) return Number(gpus) > devices.length ? `${gpus} GPUs` : null;
  // Parts of a GPU (MIG) have names of their own, which only the engine can tell.
  const isKnown = (name: string): boolean =>
    name.startsWith('MIG-') ||
    name.includes(':') ||
    devices.some(({ index, uuid }) => String(index) === name || uuid === name);
  const unknown = named.filter((name) => !isKnown(name));
  return unknown.length === 0 ? null : `device ${unknown.join(', ')}`;
}

async function findInContainer(context: DoctorContext, signal: AbortSignal): Promise<Outcome> {
  if (context.gpus === null) return skipped('No GPU was asked for (--gpus)');
  const [engine, image] = await Promise.all([connectedEngine(context), imageAtHand(context)]);
  if (image === null) return skipped('There is no image to start a container of');
  try {
    const options = {
      image: image.id,
      command: ['/bin/sh', '-c', 'nvidia-smi -L'],
      environment: { NVIDIA_DRIVER_CAPABILITIES: 'compute,utility' },
      gpus: context.gpus,
    };
    const { exitCode, output } = await runContainer(engine, options, context, signal);
    const devices = output.split('\n').filter((line) => /^GPU \d+:/.test(line));
    const facts = { image: image.reference, exitCode, devices };
    if (exitCode === 0 && devices.length > 0) {
      return fine(`${devices.length === 1 ? 'One GPU is' : `${devices.length} GPUs are`} seen in a container`, facts);
    }
    return broken(`No GPU is seen in a container with --gpus ${context.gpus}: ${output || 'nvidia-smi says nothing'}`, {
      facts,
    });
  } catch (error) {
    if (!(error instanceof DockerApiError)) throw error;
    return broken(`A container with --gpus ${context.gpus} cannot be started: ${error.reason}`);
  }
}

/** Which flavour of TensorFlow a run would load. */
async function findLibrary(context: DoctorContext): Promise<Outcome> {
  if (!(await usesTensorflow(context))) return skipped('This project does not train with TensorFlow.js');
  const engine = await runEngine(context);
  const wanted = context.gpus === null ? 'CPU' : 'GPU';
  if (engine === 'docker') {
    const [image] = await projectImages(context);
    if (image === undefined) return skipped(`There is no image of the ${wanted} flavour yet; a run builds it`);
    return fine(`${image.tags[0]} holds the ${wanted} flavour`, { flavor: wanted.toLowerCase(), image: image.tags[0] });
  }
  const found = await hostLibraries(context);
  if (found?.flavor == null) return skipped('None is installed on this machine yet');
  const facts = { flavor: found.flavor, prefix: found.prefix };
  const name = `The ${found.flavor.toUpperCase()} flavour is installed`;
  if (context.gpus === null || found.flavor === 'gpu') return fine(name, facts);
  if (!found.isByHand) return warning(`${name}; a run with --gpus gets the other, which takes minutes`, { facts });
  return broken(`${name}, put there by hand: a run with --gpus refuses it`, {
    facts,
    mend: byHand(`rm -r ${quoteForShell(`${found.package}/deps`)}`),
  });
}
