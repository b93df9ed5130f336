/** How far something is; `total` 0 means not known yet. */
export type ProgressSink = (stage: string, done: number, total: number, unit: string) => void;

/** What a component may want to know of the training besides its own parameters. */
export interface ComponentSetup {
  /** Decides the split, the order, the initial weights and all other chance. */
  readonly seed: number;
  /** Height in pixels to which images are brought. */
  readonly inputHeight: number;
  /** Width in pixels to which images are brought. */
  readonly inputWidth: number;
  /** Samples a training step. */
  readonly batchSize: number;
  readonly epochs: number;
  /** The storage folder; null where none is known. */
  readonly storageDirectory: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly onProgress: ProgressSink;
  /** Writes a line that must not be overlooked. */
  readonly warn: (text: string) => void;
}

const never = new AbortController().signal;

/** What a component is told that is made without a training, as in a test. */
export const plainSetup: ComponentSetup = {
  seed: 1,
  inputHeight: 50,
  inputWidth: 50,
  batchSize: 32,
  epochs: 1,
  storageDirectory: null,
  environment: {},
  signal: never,
  onProgress: () => {},
  warn: () => {},
};
