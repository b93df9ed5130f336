import { deflateSync, inflateSync } from 'node:zlib';
import { z } from 'zod';
import { sha256 } from '../../util/sha256.ts';
import { sharedViewKey } from '../urls.ts';
import { joinFacts, type ViewFacts, viewFactsSchema } from './facts.ts';
import { viewState } from './view-state.ts';

/** The experiment tag in which MLflow's UI looks for a shared view. */
export const sharedViewTag = `mlflow.sharedViewState.${sharedViewKey}`;

/**
 * How a server's UI reads a shared view. `state`: the state alone. `named`: from 3.15 on, a view with a name, which is
 * listed under "Views".
 */
export type SharedViewForm = 'state' | 'named';

/** The form for a server's version (`3.17.2`); what cannot be read is taken for an old one. */
export function sharedViewForm(version: string | null): SharedViewForm {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  return Number(major) > 3 || (Number(major) === 3 && Number(minor) >= 15) ? 'named' : 'state';
}

/** Under which servers from 3.15 on list it. */
const viewName = 'Slipway';

const nothingKnown: ViewFacts = { primaryMetric: null, metrics: [], params: {}, varied: [], tags: [] };

/** What becomes of the view that an experiment has. */
export interface SharedViewChange {
  /** The tag's new value; null where it stays as it is. */
  readonly value: string | null;
  /**
   * `edited`: somebody changed it, or wrote it in a form that is not ours, so it is left alone. `broken`: it holds
   * nothing in any form, so it is replaced.
   */
  readonly found: 'none' | 'ours' | 'edited' | 'broken';
}

/** The longest value of an experiment tag: 5,000 characters before MLflow 3, 20,000 since. */
const longest: Readonly<Record<SharedViewForm, number>> = { state: 5000, named: 20_000 };

/**
 * Draws the view anew from what is known now and what it knew before. A view that somebody has edited stays theirs.
 * @param current The tag's value, or undefined where there is none.
 * @param wanted The form for the server; null where that is not known: a view that is there keeps its own.
 */
export function nextSharedView(
  current: string | undefined,
  facts: ViewFacts,
  wanted: SharedViewForm | null,
  nowMs: number,
): SharedViewChange {
  const found = current === undefined ? null : readSharedView(current);
  if (found?.kind === 'edited') return { value: null, found: 'edited' };
  const ours = found?.kind === 'ours' ? found : null;
  const form = wanted ?? ours?.form ?? 'state';
  const state = fittingState(joinFacts(ours?.facts ?? nothingKnown, facts), form);
  const isSame = ours !== null && ours.form === form && ours.state === state;
  const value = isSame ? null : written(state, form, ours?.createdAtMs ?? nowMs, nowMs);
  return { value, found: found?.kind ?? 'none' };
}

/** The largest state that the tag can hold: with charts, without them, with the primary metric alone. */
function fittingState(facts: ViewFacts, form: SharedViewForm): string {
  const fewer = { ...facts, metrics: [], params: {}, varied: [] };
  const states = [signed(facts, true), signed(facts, false)];
  return states.find((state) => written(state, form, 0, 0).length <= longest[form]) ?? signed(fewer, false);
}

/** The state with what it was drawn from, and a digest by which a later change of it is noticed. */
function signed(facts: ViewFacts, charts: boolean): string {
  const state = viewState(facts, { charts });
  return JSON.stringify({ ...state, slipway: { facts, digest: digestOf({ ...state, facts }) } });
}

function written(state: string, form: SharedViewForm, createdAtMs: number, updatedAtMs: number): string {
  const packed = `${packedMark}${deflateSync(state, { level: 9 }).toString('base64')}`;
  if (form === 'state') return packed;
  return JSON.stringify({ name: viewName, createdAt: createdAtMs, updatedAt: updatedAtMs, state: packed });
}

/** What MLflow's UI puts before a state that it has compressed with zlib and written as base64. */
const packedMark = 'deflate;';

/** More than any UI writes: whoever put it there meant harm. */
const largestStateBytes = 1024 * 1024;

type FoundView =
  | { kind: 'ours'; form: SharedViewForm; state: string; facts: ViewFacts; createdAtMs: number | null }
  | { kind: 'edited' | 'broken' };

/** One that somebody has given another name is somebody's. */
const namedView = z.object({ name: z.literal(viewName), createdAt: z.number(), state: z.string() });
const readableState = z.looseObject({ selectedColumns: z.array(z.string()) });
const signature = z.object({ facts: z.unknown(), digest: z.string() });

function readSharedView(value: string): FoundView {
  const content = contentOf(value);
  if (content === null) return { kind: 'broken' };
  const named = namedView.safeParse(content.json).data;
  const inner = named === undefined ? content : contentOf(named.state);
  const state = readableState.safeParse(inner?.json);
  if (!state.success) return { kind: 'edited' };
  const { slipway, ...shown } = state.data;
  const signed = signature.safeParse(slipway);
  if (!signed.success || signed.data.digest !== digestOf({ ...shown, facts: signed.data.facts })) {
    return { kind: 'edited' };
  }
  // What an earlier version knew in another form is learnt again.
  const facts = viewFactsSchema.safeParse(signed.data.facts).data ?? nothingKnown;
  const text = inner?.text ?? '';
  if (named !== undefined) return { kind: 'ours', form: 'named', state: text, facts, createdAtMs: named.createdAt };
  return { kind: 'ours', form: 'state', state: text, facts, createdAtMs: null };
}

/** How a value looks that something has packed: with the name of the way, as in MLflow's own `deflate;`. */
const otherPacking = /^[\w+.-]+;[\w+/=-]+$/;

/**
 * What a value holds, packed or not: JSON, or what only somebody else can unpack. Null where it holds nothing: a later
 * version of MLflow, or another program, may have forms that we do not know, and those are somebody's.
 */
function contentOf(value: string): { readonly text: string; readonly json: unknown } | null {
  try {
    const text = unpacked(value);
    return { text, json: JSON.parse(text) };
  } catch {
    return !value.startsWith(packedMark) && otherPacking.test(value) ? { text: value, json: undefined } : null;
  }
}

function unpacked(text: string): string {
  if (!text.startsWith(packedMark)) return text;
  const bytes = Buffer.from(text.slice(packedMark.length), 'base64');
  return inflateSync(bytes, { maxOutputLength: largestStateBytes }).toString('utf8');
}

function digestOf(value: unknown): string {
  return sha256(JSON.stringify(value)).slice(0, 16);
}
