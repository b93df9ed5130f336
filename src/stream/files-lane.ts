import { type ArtifactStore, openArtifactStore } from '../artifacts/index.ts';
import { type LogEntry, RunLogFollower } from '../runlog/index.ts';
import { forEachLimit } from '../util/for-each-limit.ts';
import { kindOfUploadFailure } from './failure.ts';
import type { LaneContext } from './lane-context.ts';
import { logModel } from './model-logger.ts';
import { uploadConcurrency } from './model-upload.ts';
import { checkTable, imagePaths, tablePath, tagImages, tagTable } from './tables-and-images.ts';
import { planUpload, type Upload } from './upload-files.ts';

/** So many events are uploaded together and acknowledged at once. */
const eventsPerGroup = 256;

/** Once a store has refused a file for two minutes, others are tried so often, until it takes one again. */
const closedStoreAttempts = 4;

const fileTypes = new Set(['artifact', 'table', 'image', 'model'] as const);

/** Carries everything that is a file, beside the values lane, so that a large file holds back no value. */
export class FilesLane {
  readonly #context: LaneContext;
  /** Resolves when the values lane has acknowledged a writer's file up to an offset. */
  readonly #valuesBefore: (writer: string, offset: number) => Promise<void>;
  #store: ArtifactStore | null = null;
  #hasTaggedImages = false;
  #isStoreClosed = false;
  /** The watcher's generation at which everything had been sent; -1 before. */
  caughtUpAt = -1;
  sentEvents = 0;

  constructor(context: LaneContext, valuesBefore: (writer: string, offset: number) => Promise<void>) {
    this.#context = context;
    this.#valuesBefore = valuesBefore;
  }

  /** Runs from the acknowledged offset until the stream is closed. */
  async run(): Promise<void> {
    const { store, watcher, paths, signal } = this.#context;
    const follower = new RunLogFollower(paths.events, {
      types: fileTypes,
      startAt: (writer) => store.acknowledged('files', writer),
    });
    try {
      for (;;) {
        const generation = watcher.generation;
        const { entries, invalid, atEnd } = await follower.read({ final: watcher.isFinal });
        store.refuseInvalid('files', invalid);
        for (const group of groups(entries)) await this.#send(group);
        store.advance('files', follower.offsets);
        if (!atEnd) continue;
        this.caughtUpAt = generation;
        this.#context.progressed();
        await watcher.changed(generation, signal);
      }
    } finally {
      await follower.close();
    }
  }

  async #send(group: readonly LogEntry[]): Promise<void> {
    const { store, checkpoint } = this.#context;
    const [first] = group as readonly [LogEntry];
    if (first.event.type === 'model') await this.#sendModel(first);
    else await this.#sendFiles(group);
    checkpoint('files-sent');
    await store.acknowledge('files', new Map(group.map(({ writer, end }) => [writer, end])));
    this.sentEvents += group.length;
    this.#context.progressed();
    checkpoint('files-acknowledged');
  }

  async #sendModel(entry: LogEntry): Promise<void> {
    if (entry.event.type !== 'model') return;
    await this.#valuesBefore(entry.writer, entry.offset);
    try {
      await logModel(this.#context, entry.event, entry);
    } catch (error) {
      await this.#refuseUnlessPassing(entry, error);
    }
  }

  /** Uploads the files of a group of events; of two events for one place the later one holds. */
  async #sendFiles(group: readonly LogEntry[]): Promise<void> {
    const uploads = new Map<string, { readonly upload: Upload; readonly entry: LogEntry }>();
    const failed = new Set<LogEntry>();
    for (const entry of group) {
      try {
        for (const upload of await this.#plan(entry)) uploads.set(upload.to, { upload, entry });
      } catch (error) {
        await this.#refuseUnlessPassing(entry, error);
        failed.add(entry);
      }
    }
    await forEachLimit([...uploads.values()], uploadConcurrency, async ({ upload, entry }) => {
      try {
        await this.#upload(upload);
      } catch (error) {
        await this.#refuseUnlessPassing(entry, error);
        failed.add(entry);
      }
    });
    for (const entry of group) if (!failed.has(entry)) await this.#tag(entry);
  }

  async #plan(entry: LogEntry): Promise<readonly Upload[]> {
    const { options, refuse } = this.#context;
    const { event } = entry;
    if (event.type === 'artifact') {
      const { uploads, problems } = await planUpload(options.runDirectory, event.path, event.to);
      if (problems.length > 0) await refuse(entry, problems.join('; '));
      return uploads;
    }
    if (event.type !== 'table' && event.type !== 'image') return [];
    const [upload] = (await planUpload(options.runDirectory, event.path)).uploads;
    if (upload === undefined) return [];
    if (event.type === 'table') {
      await checkTable(upload.file);
      return [{ file: upload.file, to: tablePath(event.key) }];
    }
    const { full, shown } = imagePaths(event, entry);
    return [
      { file: upload.file, to: full },
      { file: upload.file, to: shown },
    ];
  }

  async #upload({ file, to }: Upload): Promise<void> {
    const { options, persistence, signal, checkpoint } = this.#context;
    this.#store ??= openArtifactStore(options.artifactUri, { client: options.client });
    const store = this.#store;
    const attempts = this.#isStoreClosed ? closedStoreAttempts : undefined;
    const patience = { kindOf: kindOfUploadFailure, ...(attempts === undefined ? {} : { attempts }) };
    try {
      await persistence.keepTrying(() => store.upload(file, to, { signal }), signal, patience);
      this.#isStoreClosed = false;
    } catch (error) {
      if (kindOfUploadFailure(error) === 'unclear') this.#isStoreClosed = true;
      throw error;
    }
    checkpoint('file-uploaded');
  }

  async #tag({ event }: LogEntry): Promise<void> {
    if (event.type === 'table') {
      await tagTable(this.#context, tablePath(event.key));
      this.#context.checkpoint('table-tagged');
    }
    if (event.type === 'image' && !this.#hasTaggedImages) {
      await tagImages(this.#context);
      this.#hasTaggedImages = true;
      this.#context.checkpoint('image-tagged');
    }
  }

  async #refuseUnlessPassing(entry: LogEntry, error: unknown): Promise<void> {
    if (this.#context.signal.aborted || kindOfUploadFailure(error) === 'passing') throw error;
    await this.#context.refuse(entry, error);
  }
}

/** Models alone, because each waits for the values before it; everything else together. */
function groups(entries: readonly LogEntry[]): LogEntry[][] {
  const result: LogEntry[][] = [];
  let open: LogEntry[] | null = null;
  for (const entry of entries) {
    if (entry.event.type === 'model') {
      result.push([entry]);
      open = null;
      continue;
    }
    if (open === null || open.length >= eventsPerGroup) {
      open = [];
      result.push(open);
    }
    open.push(entry);
  }
  return result;
}
