export { isRemoteProject, parseRemoteProject } from '../util/project-address.ts';
export { type ClonedProject, cloneProject } from './clone-project.ts';
export { describeSource, type Source } from './describe-source.ts';
export { type LeftOutFile, leftOutReason, looksLikeCredentials } from './left-out.ts';
export { type WrittenDiff, writeDiff } from './write-diff.ts';
