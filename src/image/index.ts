export { type BaseImageOptions, defaultBaseImage, ensureBaseImage, madeBaseImage } from './base-image.ts';
export { type ContextFile, describeContext, type ImageContext } from './describe-context.ts';
export { ensureImage, type ImageRequest, imageLabels, type ReadyImage } from './ensure-image.ts';
export { hostTrust, type TrustFile } from './host-trust.ts';
export { type ImageReferenceParts, imageReference } from './image-reference.ts';
export { packContext } from './pack-context.ts';
export { foreignCodeDirectory } from './recipe.ts';
export { runScript } from './run-script.ts';
