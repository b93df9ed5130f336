import type { Look } from '../report/look.ts';
import { type TableCell, tableLines } from '../report/table.ts';
import { formatAge } from '../util/format.ts';
import type { MachineRun } from './list-machine.ts';

/** The runs of a machine as a table, one a line. Experiment and owner are shown where they tell runs apart. */
export function machineTable(runs: readonly MachineRun[], nowMs: number, look: Look): string[] {
  const hasGpus = runs.some(({ gpus }) => gpus !== null);
  const hasOthers = runs.some(({ isOwn }) => !isOwn);
  const columns = [
    { title: 'name', minimum: 12, cell: nameCell },
    { title: 'state', cell: (run: MachineRun) => stateCell(run, look) },
    { title: 'epoch', align: 'right' as const, rank: 1, cell: epochText },
    { title: 'age', align: 'right' as const, cell: (run: MachineRun) => ageText(run, nowMs) },
    { title: 'experiment', minimum: 10, rank: 2, cell: (run: MachineRun) => run.experiment ?? '' },
    ...(hasGpus ? [{ title: 'gpus', rank: 3, cell: (run: MachineRun) => run.gpus ?? '' }] : []),
    ...(hasOthers ? [{ title: 'owner', minimum: 6, rank: 2, cell: (run: MachineRun) => run.owner }] : []),
    { title: 'engine', rank: 4, cell: (run: MachineRun) => run.engine ?? '' },
    { title: 'id', cell: (run: MachineRun) => ({ text: run.runId, paint: look.paint.faint }) },
  ];
  return tableLines(
    columns.map(({ cell: _, ...column }) => column),
    runs.map((run) => columns.map(({ cell }) => cell(run))),
    look,
  );

  function nameCell(run: MachineRun): TableCell {
    const paint = (text: string): string => (run.isOwn ? look.paint.strong(text) : text);
    return {
      text: run.runName ?? '',
      paint: (text) => (run.url === null ? paint(text) : look.link(paint(text), run.url)),
    };
  }
}

function stateCell(run: MachineRun, { paint }: Look): TableCell {
  const painters: Partial<Record<MachineRun['state'], (text: string) => string>> = {
    finished: paint.good,
    failed: paint.bad,
    killed: paint.warning,
    orphaned: paint.warning,
    unplanned: paint.faint,
    unknown: paint.faint,
  };
  return { text: stateText(run), paint: painters[run.state] ?? paint.accent };
}

/** The state in words; where no agent owns a run that needs one, or it is on no server yet, that is said. */
export function stateText({ state, agent, container, isUnsent }: MachineRun): string {
  if (state === 'orphaned' || state === 'unknown') return `${state} (${container})`;
  if (isUnsent) return `${state}, not sent`;
  return agent === 'gone' ? `${state}, no agent` : state;
}

function epochText({ epoch, epochs }: MachineRun): string {
  if (epoch === null) return '';
  return epochs === null ? String(epoch) : `${epoch}/${epochs}`;
}

function ageText({ createdAtMs }: MachineRun, nowMs: number): string {
  return createdAtMs === null ? '' : formatAge(nowMs - createdAtMs);
}
