import type { DockerEngine } from '../docker/index.ts';
import { decideImage, isStrictImage } from '../image/index.ts';
import type { RunPlan } from '../runs/plan.ts';
import { requireGpuRuntime } from './docker.ts';
import type { ProgramImage } from './executor.ts';
import { imageRequest } from './image-request.ts';

/** The image that a launch would have, and what it would do for it. */
export interface ImagePreview {
  readonly reference: string;
  /** Null where it is still to be built. */
  readonly id: string | null;
  readonly action: 'reuse' | 'build';
  /** Why: a clause. */
  readonly reason: string;
  /** The image it is built upon; null where its Dockerfile names that itself. */
  readonly base: string | null;
  readonly target: string | null;
  /** The trainer's own image, where that must be built first. */
  readonly builtFirst: string | null;
  readonly isStrict: boolean;
}

/**
 * Decides as `prepare` of the Docker executor does, and makes nothing. Throws what that would throw before it builds.
 * @param earlier The image of the run's earlier attempts.
 */
export async function previewImage(
  engine: DockerEngine,
  plan: RunPlan,
  earlier: ProgramImage | null,
  signal: AbortSignal,
): Promise<ImagePreview> {
  if (plan.gpus !== null) await requireGpuRuntime(engine, signal);
  const own = earlier === null ? null : await engine.inspectImage(earlier.id, { signal });
  if (earlier !== null && own !== null) {
    return {
      ...{ reference: earlier.name, id: earlier.id, action: 'reuse', reason: 'it is that of the attempts before' },
      ...{ base: null, target: null, builtFirst: null, isStrict: isStrictImage(own) },
    };
  }
  const { order, present, trainer, isStrict } = await decideImage(engine, imageRequest(plan, earlier), signal);
  const isThere = 'image' in present;
  return {
    reference: order.reference,
    id: isThere ? present.image.id : null,
    action: isThere ? 'reuse' : 'build',
    reason: isThere ? 'it was built from the same recipe, on the base there is' : present.missing,
    base: order.recipe.base,
    target: order.recipe.target,
    builtFirst: trainer !== null && 'missing' in trainer.present ? trainer.order.reference : null,
    isStrict,
  };
}
