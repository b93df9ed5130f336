import { writeFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { hostTrust } from '../../../src/image/index.ts';
import { temporaryDirectory } from '../../support/index.ts';

// Its content need not be a certificate: it is handed on, not read.
const extra = `-----BEGIN CERTIFICATE-----\n${Buffer.from('of a network that looks into TLS').toString('base64')}\n-----END CERTIFICATE-----`;

describe('what a build stage learns of this machine', () => {
  it('holds the certificates of a bundle that Node.js does not know by itself, once', async () => {
    await using folder = await temporaryDirectory();
    const bundle = folder.join('bundle.pem');
    writeFileSync(bundle, `${rootCertificates[0]}\n${extra}\n`);
    const files = await hostTrust({ NODE_EXTRA_CA_CERTS: bundle, SSL_CERT_FILE: bundle, PATH: folder.path });
    const certificates = files.find((file) => file.name === 'extra.crt')?.content ?? '';
    expect(certificates.split(extra)).toHaveLength(2);
    expect(certificates).not.toContain(rootCertificates[0]);
  });

  it('does not trip over a variable that names no file', async () => {
    const files = await hostTrust({
      NODE_EXTRA_CA_CERTS: '/nowhere/bundle.pem',
      SSL_CERT_FILE: '/etc',
      PATH: '/nowhere',
    });
    expect(files.every((file) => file.name === 'extra.crt')).toBe(true);
  });

  it('holds where npm and pip find packages, and no keys', async () => {
    await using folder = await temporaryDirectory();
    const script = (name: string, output: string) =>
      writeFileSync(folder.join(name), `#!/bin/sh\ncat <<'END'\n${output}\nEND\n`, { mode: 0o755 });
    const settings = {
      registry: 'https://npm.example/',
      '@team:registry': 'https://team.example/',
      '//npm.example/:_authToken': 'secret',
    };
    script('npm', JSON.stringify(settings));
    script('python3', "global.index-url='https://pypi.example/simple'\nglobal.cert='/etc/x.pem'");
    const files = await hostTrust({ PATH: `${folder.path}:/bin` });
    const content = (name: string) => files.find((file) => file.name === name)?.content;
    expect(content('npmrc')).toBe('registry=https://npm.example/\n@team:registry=https://team.example/\n');
    expect(content('pip.conf')).toBe('[global]\nindex-url = https://pypi.example/simple\n');
  });
});
