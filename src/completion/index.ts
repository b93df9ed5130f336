export { type Candidate, complete } from './complete.ts';
export { runCandidates } from './run-candidates.ts';
export { completeWord, type Shell, scripts, shells } from './scripts.ts';
export { knownVerb, type VerbModule } from './verb-options.ts';
