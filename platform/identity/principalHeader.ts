import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Principal } from './principal.js';

/** Rights in many projects repeat themselves: beyond this many bytes they are compressed, to fit a header. */
const PLAIN_BYTES_MAX = 2_048;
const DECODED_BYTES_MAX = 4 * 1024 * 1024;

/** A principal as the value of a header. `decodePrincipal` may only read one whose signature was checked. */
export function encodePrincipal(principal: Principal): string {
  const json = Buffer.from(JSON.stringify(principal));
  return json.byteLength <= PLAIN_BYTES_MAX
    ? `j.${json.toString('base64url')}`
    : `z.${deflateRawSync(json).toString('base64url')}`;
}

export function decodePrincipal(header: string): Principal {
  const bytes = Buffer.from(header.slice(2), 'base64url');
  const json = header.startsWith('z.')
    ? inflateRawSync(bytes, { maxOutputLength: DECODED_BYTES_MAX })
    : bytes;
  return JSON.parse(json.toString()) as Principal;
}
