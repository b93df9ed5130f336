import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mlflowVersion } from '../tracking/index.ts';
import { isNotInstalled, lastLine, runProgram } from '../util/run-program.ts';
import { broken, type Check, fine, type Outcome, skipped, warning } from './check.ts';
import { type DoctorContext, shared } from './context.ts';
import { hostLibraries, usesTensorflow } from './host-libraries.ts';
import { runEngine } from './shared-parts.ts';
import { installPackages } from './system-packages.ts';

/** Oldest Python that the pinned MLflow runs on. */
const oldest = [3, 10] as const;

const group = 'python';
const version = 'python.version';

/** Python, which nothing needs where there is Docker. */
export const pythonChecks: readonly Check[] = [
  { id: version, group, title: 'version', run: judgeVersion },
  { id: 'python.modules', group, title: 'modules', needs: [version], run: judgeModules },
];

/** What Python is needed for here, and whether a run fails without it. */
interface Need {
  readonly purpose: string;
  readonly isFatal: boolean;
  /** `pip` to download, `venv` to install. */
  readonly modules: readonly string[];
}

const needs = shared(async (context: DoctorContext): Promise<readonly Need[]> => {
  if ((await runEngine(context)) === 'docker') return [];
  const found: Need[] = [];
  if ((await usesTensorflow(context)) && (await hostLibraries(context))?.prefix == null) {
    found.push({ purpose: 'the download of TensorFlow for this machine', isFatal: true, modules: ['pip'] });
  }
  const { environment, storageDirectory } = context;
  const isInstalled = existsSync(join(storageDirectory, 'cache', `mlflow-${mlflowVersion}`, '.complete'));
  if (!environment.MLFLOW_TRACKING_URI && !environment.SLIPWAY_MLFLOW_PYTHON && !isInstalled) {
    const purpose = 'the tracking server that comes with Slipway, without Docker';
    found.push({ purpose, isFatal: false, modules: ['venv', 'ensurepip'] });
  }
  return found;
});

async function judgeVersion(context: DoctorContext, signal: AbortSignal): Promise<Outcome> {
  const wanted = await needs(context);
  const judge = wanted.some(({ isFatal }) => isFatal) ? broken : warning;
  const purposes = wanted.map(({ purpose }) => purpose).join(' and ');
  const mend = await installPackages(['python3', 'python3-pip', 'python3-venv'], context);
  const { environment } = context;
  let said: string;
  try {
    const program = 'import sys; print(*sys.version_info[:3], sep=".")';
    const { exitCode, stdout, stderr } = await runProgram('python3', ['-c', program], { environment, signal });
    said = stdout.trim();
    if (exitCode !== 0)
      return judge(`python3 does not start: ${lastLine(stderr) || `exit code ${exitCode}`}`, { mend });
  } catch (error) {
    if (!isNotInstalled(error)) throw error;
    if (wanted.length === 0) return skipped('python3 is not installed, and nothing here needs it');
    return judge(`python3 is not installed, and is needed for ${purposes}`, {
      mend,
      blocks: 'python3 is not installed',
    });
  }
  const facts = { version: said, isNeeded: wanted.length > 0 };
  const [major = 0, minor = 0] = said.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) {
    return fine(`Python ${said}${wanted.length === 0 ? ', which nothing here needs' : ''}`, facts);
  }
  const text = `Python ${said} is older than ${oldest.join('.')}`;
  if (wanted.length === 0) return fine(`${text}, and nothing here needs it`, facts);
  return judge(`${text}, which is needed for ${purposes}`, { facts, mend: null, blocks: 'Python is too old' });
}

async function judgeModules(context: DoctorContext, signal: AbortSignal): Promise<Outcome> {
  const wanted = await needs(context);
  const { environment } = context;
  const modules = ['venv', 'ensurepip', 'pip'];
  const program = `import importlib.util as u; print(*[n for n in ${JSON.stringify(modules)} if u.find_spec(n)])`;
  const { stdout } = await runProgram('python3', ['-c', program], { environment, signal });
  const present = stdout.trim().split(' ');
  const facts = { present };
  const lacking = wanted.filter((need) => need.modules.some((name) => !present.includes(name)));
  if (lacking.length > 0) {
    const missing = [...new Set(lacking.flatMap((need) => need.modules))].filter((name) => !present.includes(name));
    const text = `python3 has no ${missing.join(', ')}, needed for ${lacking.map(({ purpose }) => purpose).join(' and ')}`;
    const judge = lacking.some(({ isFatal }) => isFatal) ? broken : warning;
    return judge(text, { facts, mend: await installPackages(['python3-pip', 'python3-venv'], context) });
  }
  const absent = modules.filter((name) => !present.includes(name));
  if (absent.length > 0) return fine(`Without ${absent.join(', ')}, which nothing here needs`, facts);
  return fine('venv and pip', facts);
}
