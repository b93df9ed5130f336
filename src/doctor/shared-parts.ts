import type { DockerEngine, EngineInfo, ImageSummary } from '../docker/index.ts';
import { SlipwayError } from '../errors.ts';
import { chooseEngine } from '../executors/index.ts';
import { defaultBaseImage, imageLabels, madeBaseImage } from '../image/index.ts';
import { loadProject, type Project } from '../project/index.ts';
import { describeSource } from '../source/index.ts';
import { type DoctorContext, shared } from './context.ts';

/** The Docker engine of this machine. Rejects as `slipway run --engine docker` does where there is none. */
export const connectedEngine = shared(async (context: DoctorContext): Promise<DockerEngine> => {
  const { environment, signal, onExchange } = context;
  const { docker } = await chooseEngine({
    requested: 'docker',
    environment,
    signal,
    ...(onExchange === undefined ? {} : { onExchange }),
  });
  return docker as DockerEngine;
});

/** What the engine says of itself. */
export const engineInfo = shared(async (context): Promise<EngineInfo> => {
  const engine = await connectedEngine(context);
  return engine.info({ signal: context.signal });
});

/** Where a run would execute: `slipway run` would refuse to start where this says `none`. */
export const runEngine = shared(async (context): Promise<'docker' | 'host' | 'none'> => {
  if (context.engine === 'host') return 'host';
  const connected = await connectedEngine(context).then(
    () => true,
    () => false,
  );
  if (connected) return 'docker';
  return mustHaveEngine(context) ? 'none' : 'host';
});

/** True where a run does not fall back to the host: an engine that someone named is one that they want. */
export function mustHaveEngine({ engine, environment }: DoctorContext): boolean {
  return engine === 'docker' || (engine === 'auto' && Boolean(environment.DOCKER_HOST));
}

/** The project; null where the folder holds none, or one that `slipway run` refuses. */
export const projectAtHand = shared(async ({ projectDirectory }): Promise<Project | null> => {
  try {
    return await loadProject(projectDirectory);
  } catch (error) {
    if (error instanceof SlipwayError) return null;
    throw error;
  }
});

/**
 * Images that were built for the project, with a program of ours and of the right flavour: those of this commit first,
 * then the newest.
 */
export const projectImages = shared(async (context): Promise<readonly ImageSummary[]> => {
  const { signal, gpus } = context;
  const project = await projectAtHand(context);
  if (project === null) return [];
  const engine = await connectedEngine(context);
  const [images, source] = await Promise.all([
    engine.listImages({ label: `${imageLabels.project}=${project.name}`, signal }),
    describeSource(project.directory, { signal }).catch(() => null),
  ]);
  const isUsable = ({ tags, labels }: ImageSummary): boolean =>
    labels[imageLabels.strict] === 'true' && tags.some((tag) => tag.endsWith('-gpu') === (gpus !== null));
  const isOfCommit = ({ labels }: ImageSummary): number =>
    source?.commit != null && labels[imageLabels.commit] === source.commit ? 1 : 0;
  return images
    .filter(isUsable)
    .sort((one, other) => isOfCommit(other) - isOfCommit(one) || other.createdAtMs - one.createdAtMs);
});

/** An image to start a container of, with a shell in it; null where the engine has none that we know. */
export const imageAtHand = shared(async (context): Promise<{ reference: string; id: string } | null> => {
  const { signal } = context;
  const engine = await connectedEngine(context);
  for (const reference of [context.baseImage ?? defaultBaseImage, madeBaseImage]) {
    const image = await engine.inspectImage(reference, { signal });
    if (image !== null) return { reference, id: image.id };
  }
  const images = [...(await projectImages(context)), ...(await trackingImages(engine, signal))];
  const [image] = images;
  return image === undefined ? null : { reference: image.tags[0] ?? image.id, id: image.id };
});

async function trackingImages(engine: DockerEngine, signal: AbortSignal): Promise<ImageSummary[]> {
  const images = await engine.listImages({ label: imageLabels.build, signal });
  return images.filter(({ tags }) => tags.some((tag) => tag.startsWith('slipway-tracking:')));
}
