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
    const files = await hostTrust({ NODE_EXTRA_CA_CERTS: bundle, SSL_CERT_FILE: bundle });
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
    await using home = await temporaryDirectory();
    writeFileSync(
      home.join('.npmrc'),
      '; comment\nregistry=https://npm.example/\n@team:registry = https://team.example/\n//npm.example/:_authToken=secret\n',
    );
    writeFileSync(home.join('pip.conf'), '[global]\nindex-url = https://old.example/simple\ncert = /etc/x.pem\n');
    const files = await hostTrust({
      HOME: home.path,
      PREFIX: home.path,
      PIP_CONFIG_FILE: home.join('pip.conf'),
      PIP_INDEX_URL: 'https://pypi.example/simple',
    });
    const content = (name: string) => files.find((file) => file.name === name)?.content;
    expect(content('npmrc')).toBe('registry=https://npm.example/\n@team:registry=https://team.example/\n');
    expect(content('pip.conf')).toContain('[global]\nindex-url = https://pypi.example/simple\n');
    expect(content('pip.conf')).not.toContain('cert');
  });
});
