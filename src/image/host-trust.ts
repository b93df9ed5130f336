import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
const pipKeys = ['index-url', 'extra-index-url', 'trusted-host', 'timeout', 'default-timeout'];

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

/** From npm's own files and variables, read here: asking npm itself takes a second. */
async function npmSettings(environment: Environment): Promise<string> {
  const prefix = environment.PREFIX ?? join(dirname(process.execPath), '..');
  const home = environment.HOME ?? '';
  const files = [
    environment.npm_config_globalconfig ?? join(prefix, 'etc', 'npmrc'),
    environment.npm_config_userconfig ?? join(home, '.npmrc'),
  ];
  const settings = (await Promise.all(files.map(readIfThere))).flatMap(parseSettings);
  const variable = environment.npm_config_registry ?? environment.NPM_CONFIG_REGISTRY;
  if (variable !== undefined) settings.push(['registry', variable]);
  return [...new Map(settings)]
    .filter(([key]) => key === 'registry' || key.endsWith(':registry'))
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** From pip's own files and variables (https://pip.pypa.io/en/stable/topics/configuration/). */
async function pipSettings(environment: Environment): Promise<string> {
  const home = environment.HOME ?? '';
  const files = [
    '/etc/xdg/pip/pip.conf',
    '/etc/pip.conf',
    join(home, '.pip', 'pip.conf'),
    join(environment.XDG_CONFIG_HOME ?? join(home, '.config'), 'pip', 'pip.conf'),
    ...(environment.PIP_CONFIG_FILE === undefined ? [] : [environment.PIP_CONFIG_FILE]),
  ];
  const settings = new Map((await Promise.all(files.map(readIfThere))).flatMap(parseSettings));
  for (const key of pipKeys) {
    const variable = environment[`PIP_${key.toUpperCase().replaceAll('-', '_')}`];
    if (variable !== undefined) settings.set(key, variable);
  }
  const lines = pipKeys.flatMap((key) => (settings.has(key) ? [`${key} = ${settings.get(key)}\n`] : []));
  return lines.length === 0 ? '' : `[global]\n${lines.join('')}`;
}

/** The `key = value` lines of an INI file, whatever section they stand in. */
function parseSettings(text: string): [key: string, value: string][] {
  return text
    .split('\n')
    .map((line) => /^\s*([^#;=\s[][^=]*?)\s*=\s*(.*?)\s*$/.exec(line))
    .flatMap((match) => (match?.[1] === undefined ? [] : [[match[1], match[2] ?? '']]));
}

function withoutSpace(text: string): string {
  return text.replace(/\s+/g, '');
}
