import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { errorCode } from '../errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A file of the folder `.ca` in a build context. */
export interface TrustFile {
  readonly name: 'extra.crt' | 'npmrc' | 'pip.conf';
  readonly content: string;
}

const certificateFolder = '/usr/local/share/ca-certificates';
/** Variables with which people tell their tools of a certificate bundle. */
const bundleVariables = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'PIP_CERT'];
const certificatePattern = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
const defaultRegistry = '';

/**
 * What a build stage needs to reach package indexes as this machine does: certificates that Node.js does not know by
 * itself, and the addresses npm and pip are told to use. Keys and passwords of npm are left out.
 */
export async function hostTrust(environment: Environment): Promise<TrustFile[]> {
  const [certificates, npmrc, pipConfiguration] = await Promise.all([
    extraCertificates(environment),
    npmSettings(environment),
    pipSettings(environment),
  ]);
  const files: TrustFile[] = [
    { name: 'extra.crt', content: certificates },
    { name: 'npmrc', content: npmrc },
    { name: 'pip.conf', content: pipConfiguration },
  ];
  return files.filter((file) => file.content !== '');
}

async function extraCertificates(environment: Environment): Promise<string> {
  const named = bundleVariables.flatMap((name) => environment[name] ?? []);
  const files = [...(await listCertificates()), ...named];
  const texts = await Promise.all([...new Set(files)].map((file) => readIfThere(file)));
  const known = new Set(rootCertificates.map(withoutSpace));
  const extra = new Map<string, string>();
  for (const certificate of texts.flatMap((text) => text.match(certificatePattern) ?? [])) {
    const key = withoutSpace(certificate);
    if (!known.has(key)) extra.set(key, certificate.replaceAll('\r', ''));
  }
  return [...extra.values()].map((certificate) => `${certificate}\n`).join('');
}

async function listCertificates(): Promise<string[]> {
  try {
    const entries = await readdir(certificateFolder, { recursive: true });
    return entries
      .filter((name) => name.endsWith('.crt'))
      .sort()
      .map((name) => join(certificateFolder, name));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** A bundle that a variable names and nobody put there is that variable's affair. */
async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'EACCES') return '';
    throw error;
  }
}

async function npmSettings(environment: Environment): Promise<string> {
  const output = await outputOf('npm', ['config', 'list', '--json'], environment);
  if (output === null) return '';
  const settings = JSON.parse(output) as Record<string, unknown>;
  return Object.entries(settings)
    .filter(([key, value]) => (key === 'registry' || key.endsWith(':registry') ? value !== defaultRegistry : false))
    .map(([key, value]) => `${key}=${String(value)}\n`)
    .join('');
}

async function pipSettings(environment: Environment): Promise<string> {
  const output = await outputOf('python3', ['-m', 'pip', 'config', 'list'], environment);
  if (output === null) return '';
  // Lines like `global.index-url='https://…'`; the last one of a key is the one that counts.
  const settings = new Map<string, string>();
  for (const line of output.split('\n')) {
    const match = /^\S+\.(index-url|extra-index-url|trusted-host|default-timeout|timeout)='(.*)'$/.exec(line.trim());
    if (match?.[1] !== undefined) settings.set(match[1], match[2] ?? '');
  }
  if (settings.size === 0) return '';
  return `[global]\n${[...settings].map(([key, value]) => `${key} = ${value}\n`).join('')}`;
}

/** What a program writes, or null where it is not installed or fails: then it has no settings to hand on. */
function outputOf(command: string, commandArguments: string[], environment: Environment): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(command, commandArguments, { env: environment, cwd: '/' }, (error, stdout) =>
      resolve(error === null ? stdout : null),
    );
  });
}

function withoutSpace(text: string): string {
  return text.replace(/\s+/g, '');
}
