import type { ImageRequest } from '../image/index.ts';
import type { RunPlan } from '../runs/plan.ts';
import type { ProgramImage } from './executor.ts';

/** What the image of a plan is made for; where its attempts before had one, as that was made. */
export function imageRequest(plan: RunPlan, earlier: ProgramImage | null): ImageRequest {
  return {
    reference: plan.image.reference,
    projectName: plan.project.name,
    directory: plan.project.directory,
    base: plan.image.base,
    dockerImage: plan.project.dockerImage,
    flavor: plan.image.flavor,
    commit: plan.source.commit,
    treeHash: plan.source.treeHash,
    storageDirectory: plan.storage.directory,
    recipe: earlier?.recipe ?? null,
  };
}
