import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isLoopback } from '../executors/index.ts';
import { broken, fine, type Outcome, skipped, warning } from './check.ts';
import type { DoctorContext } from './context.ts';
import { runContainer } from './run-container.ts';
import { connectedEngine, imageAtHand } from './shared-parts.ts';
import { serverAtHand } from './tracking-server.ts';

/** Prints the status of an answer, or why there was none. Who one is and what authority signed is asked elsewhere. */
const inNode = `
const address = new URL(process.env.ADDRESS);
const { get } = require(address.protocol === 'https:' ? 'node:https' : 'node:http');
get(address, { rejectUnauthorized: false, timeout: 10000 }, (answer) => {
  console.log('status ' + answer.statusCode);
  answer.destroy();
}).on('timeout', function () { this.destroy(new Error('no answer in 10 s')); })
  .on('error', (error) => { console.log(error.code || error.message); process.exitCode = 1; });`;
const inPython = `
import os, ssl, sys, urllib.error, urllib.request
context = ssl._create_unverified_context()
try:
    print('status', urllib.request.urlopen(os.environ['ADDRESS'], timeout=10, context=context).status)
except urllib.error.HTTPError as error:
    print('status', error.code)
except Exception as error:
    print(error); sys.exit(1)`;
const inShell = 'if command -v node >/dev/null; then exec node -e "$IN_NODE"; else exec python3 -c "$IN_PYTHON"; fi';

/**
 * Asks the server from a container, in the network that a program would have: the host's where the server is on this
 * machine's loopback, else the engine's bridge.
 */
export async function askFromContainer(context: DoctorContext, signal: AbortSignal): Promise<Outcome> {
  const [server, engine, image] = await Promise.all([
    serverAtHand(context),
    connectedEngine(context),
    imageAtHand(context),
  ]);
  if (server === null || image === null) return skipped('There is nothing to ask');
  const network = isLoopback(server.uri) ? 'host' : 'default';
  const { exitCode, output } = await runContainer(
    engine,
    {
      image: image.id,
      command: ['/bin/sh', '-c', inShell],
      environment: { ADDRESS: `${server.uri}/health`, IN_NODE: inNode, IN_PYTHON: inPython },
      network,
    },
    context,
    signal,
  );
  const where = network === 'host' ? "the host's network" : "the engine's network";
  const facts = { network, answer: output, image: image.reference };
  if (exitCode === 0) return fine(`It answers in a container too, in ${where}`, facts);
  const text = `It does not answer in a container, in ${where}: ${output}`;
  if (await needsNoServer(context)) {
    return warning(`${text}. This project's own program logs through a file and needs no server`, { facts });
  }
  return broken(`${text}. A program that logs to MLflow by itself needs it`, { facts });
}

/** A project whose image says that its program keeps to the run log (`LABEL slipway.strict=true`). */
async function needsNoServer({ projectDirectory }: DoctorContext): Promise<boolean> {
  const text = await readFile(join(projectDirectory, 'Dockerfile'), 'utf8').catch(() => '');
  return /^\s*LABEL\s.*\bslipway\.strict="?true/im.test(text);
}
