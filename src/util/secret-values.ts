/** A shorter value of a variable is a word that may stand anywhere: to mask it would spoil links and numbers. */
const shortestValue = 8;

/** A file that holds one line and no more is declared as a secret, however short. */
const shortestLine = 4;

/** The last word of a name, or its end where words are not parted: `HF_TOKEN`, `DB_PASSWORD`, `apikey`, `AWS_ACCESS_KEY_ID`. */
const secretWord =
  /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|APIKEY|(?:^|[_.-])(?:KEY|PASS|AUTH|PAT|DSN)|ACCESSKEY|PRIVATEKEY|SECRETKEY|ACCOUNTKEY)S?(?:[_.-]?(?:ID|BASE64|B64|JSON|\d+))?$/i;

/** Values that say by themselves what they are: access tokens of well-known services, a JSON web token, a private key. */
const tokenForms =
  /^(?:gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|hf_\w{16,}|sk-[\w-]{16,}|(?:AKIA|ASIA)[A-Z0-9]{16}|xox[abposr]-[\w-]{10,}|npm_\w{20,}|pypi-[\w-]{20,}|dckr_pat_[\w-]{16,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*)$/;

/** Letters of both cases and digits without a sign between them: nobody writes such a word by hand. */
const drawn = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9+/=]{24,}$/;

/** A path of a file is none of its content. */
const filePath = /^(?:~|\.{1,2})?\/\S*\.\w{1,6}$/;

/** A login in an address, up to the last @ before its path. */
const login = /[a-z][a-z0-9+.-]*:\/\/[^:@/\s]*:([^/\s]*)@/gi;

/** Whether a variable of this name is taken to hold a secret. */
export function isSecretName(name: string): boolean {
  return secretWord.test(name);
}

/**
 * What of a variable that is handed to a program must be masked: its value, where the name or the value itself says that
 * it is a secret; the password in an address; nothing of `production` or `cuda:0`. Values of under eight characters are left.
 */
export function secretsOfVariable(name: string, value: string): string[] {
  const isSecret = (isSecretName(name) && !filePath.test(value)) || tokenForms.test(value) || drawn.test(value);
  const passwords = [...value.matchAll(login)].flatMap(([, password = '']) => [password, decoded(password)]);
  return [...new Set([...(isSecret ? [value] : []), ...passwords])].filter(({ length }) => length >= shortestValue);
}

/** A line that names what it holds, as in a file of variables, YAML, JSON, an INI file or `.netrc`. */
const namedLine = /^\s*(?:export\s+)?["']?([\w.-]+)["']?(?:\s*[=:]\s*|\s+)(.*?),?\s*$/;

/**
 * What of a secret file must be masked: all of it, each line of at least eight characters (of any four where there is but
 * one), and the values that it gives to names of secrets.
 */
export function secretsOfFile(content: string): string[] {
  const text = content.replace(/^\uFEFF/, '').trimEnd();
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const shortest = lines.length === 1 ? shortestLine : shortestValue;
  const named = [...namedInJson(text), ...lines.flatMap(namedInLine)].filter(({ length }) => length >= shortestLine);
  const whole = text.length >= shortestLine ? [text] : [];
  return [...new Set([...whole, ...lines.filter(({ length }) => length >= shortest), ...named])];
}

function namedInLine(line: string): string[] {
  const [, name = '', value = ''] = namedLine.exec(line) ?? [];
  return isSecretName(name) ? [value.replace(/^(["'])(.*)\1$/, '$2')] : [];
}

/** The texts that a JSON file gives to names of secrets, however deep; of another file none. */
function namedInJson(text: string): string[] {
  try {
    return namedIn(JSON.parse(text));
  } catch {
    return [];
  }
}

function namedIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) =>
    typeof field === 'string' ? (isSecretName(name) ? [field] : []) : namedIn(field),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
