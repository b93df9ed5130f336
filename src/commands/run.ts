import type { CommandModule } from 'yargs';
import { startStandbyAgent } from '../agent/index.ts';
import { environment } from '../config.ts';
import { ExitCode } from '../errors.ts';
import type { FoundConfiguration } from '../launch/index.ts';
import type { LaunchRequest } from '../launch/request.ts';
import { optionWords } from '../util/option-words.ts';
import type { CommandContext, Done } from './context.ts';
import { answerDetached } from './detached.ts';
import { handedSecrets } from './handed-secrets.ts';
import { examplesText } from './help-text.ts';
import { tellKeys, untilLeft } from './leave.ts';
import { wantsJson } from './output-options.ts';
import type { ReportWishes } from './reporter.ts';
import { withRunOptions } from './run-options.ts';
import { chooseVerbosity, isOn } from './verbosity.ts';

const epilogue = `${examplesText([
  ['slipway run .', 'Train with the default parameters'],
  ['slipway run . -P epochs=3 -P convolutions=2 --run-name first', 'Choose parameters and a name'],
  ['slipway run . --config runs/wide/config.yaml', 'Take the parameters of a file, as RUN_NAME=wide would'],
  ['slipway run . -P data=/storage/cell_images.zip', 'Train on images that lie in the storage'],
  ['slipway run https://host/team/cells.git --version v2 --run-name wide', 'Run the code of a repository'],
  ['slipway run . --gpus all', 'Train on the GPUs'],
  ['id=$(slipway run -d .)', 'Launch without watching, and keep the id; slipway attach "$id" watches it'],
  ['slipway run . --offline-ok', 'Train although the tracking server may be away'],
  ['slipway run . --secret token=/home/ada/token', 'Have the program read a secret at /run/secrets/token'],
  ['slipway run . --gpus all --dry-run', 'Say what would be done, and do nothing'],
  ['slipway run --resume swift-heron-417', 'Go on with a run that was interrupted or stopped'],
  ['slipway run --resume swift-heron-417 -P epochs=20', 'Go on with more epochs than it was launched with'],
  ['MLFLOW_TRACKING_URI=http://mlflow.example:5000 slipway run .', "Record the run on your team's server"],
])}

A variable can stand for each option: SLIPWAY_STORAGE for --storage, and so on;
SLIPWAY_RESUME_RUN for --resume.

A run is resumed from the image and commit that it was launched from. Only
-P epochs may grow, and memory, shm-size, pids-limit, drain-timeout and
stop-grace may be others; every other option is refused where it differs.

Exit codes: the program's own; 130 or 143 stopped on request; 131 left with
Ctrl-\\; 64 wrong usage; 69 no engine or tracking server; 70 a defect of
Slipway; 73 cannot write; 75 the program ended well, and something it wrote is
not (yet) on the server.`;

/** `slipway run [project]`: builds the image, starts the program, and shows the run to its end. */
export function runCommand(context: CommandContext, done: Done): CommandModule<object, Record<string, unknown>> {
  return {
    command: 'run [project]',
    describe: 'Launch a run of a project and watch it to its end',
    builder: (arguments_) =>
      withRunOptions(
        arguments_.positional('project', {
          type: 'string',
          default: '.',
          describe: 'Folder with an MLproject file, or the address of a git repository: URL[#folder]',
        }),
      ).epilogue(epilogue),
    async handler(given) {
      const debug = chooseVerbosity(given, environment()) === 'debug';
      if (isOn('dry-run', given, environment())) {
        const { dryRunAction } = await import('./dry-run-action.ts');
        await dryRunAction(given, context);
        return;
      }
      const standby = startStandbyAgent({ debug });
      const [launching, { openReporter }, { againWords, resumeRequest, runRequest, wantsDetach }] = await Promise.all([
        import('../launch/index.ts'),
        import('./reporter.ts'),
        import('./run-request.ts'),
      ]);
      const words = process.argv.slice(2);
      const resumed = resumeRequest(given, words, environment());
      const request = resumed?.wishes ?? runRequest(given, words, environment());
      const again = againWords(given, words, environment());
      const isDetached = wantsDetach(given, words, environment());
      // A run that is resumed may be of any experiment, and what started it is not what is typed here.
      const wishes: ReportWishes = resumed === null ? { experiment: experimentToName(request), again } : {};
      // Of a run that is not watched, standard output gets one answer, and no events.
      const reporter = openReporter(isDetached ? { ...given, json: false } : given, environment(), wishes);
      const onConfiguration = ({ configFile, experimentName }: FoundConfiguration): void => {
        if (configFile !== null) wishes.again = [...again, ...optionWords('config', configFile)];
        if (wishes.experiment === null) wishes.experiment = experimentName;
      };
      const { sink } = reporter;
      const onSecrets = (secrets: readonly string[]): void => void handedSecrets.push(...secrets);
      const launchContext = { ...context, sink, environment: environment(), standby, debug, onSecrets };
      try {
        if (isDetached) {
          const run = await (resumed === null
            ? launching.launchDetached(request, launchContext)
            : launching.resumeDetached(resumed, launchContext));
          answerDetached(run, wantsJson(given, environment()), sink);
          done(ExitCode.ok);
          return;
        }
        await untilLeft(async (leave) => {
          tellKeys(sink);
          const result = await (resumed === null
            ? launching.launch(request, { ...launchContext, leave, onConfiguration })
            : launching.resumeRun(resumed, { ...launchContext, leave }));
          done(result.exitStatus);
        }, done);
      } finally {
        reporter.close();
      }
    },
  };
}

/** What `slipway runs` must be told to show the run's experiment; null where it finds it as `run` does. */
function experimentToName(request: LaunchRequest): string | null | undefined {
  const named = request.experimentName ?? request.experimentId;
  if (named !== null) return named;
  return request.project === process.cwd() ? null : undefined;
}
