/** Certificates that are not trusted, and everything that goes wrong while they are shown: codes of Node's errors. */
const TLS_CODE =
  /^(CERT_|ERR_TLS|ERR_SSL|EPROTO|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|INVALID_NON_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|ERR_OSSL|CRL_|PATH_LENGTH)/;

/** Whether an error of a connection is one of TLS. */
export function isTlsCode(code: string): boolean {
  return TLS_CODE.test(code);
}
