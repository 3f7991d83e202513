/** What is said of arguments and conditions, and of which agents nothing is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkFiles, printed } from '../examples.ts';

const USUAL = printed();
const ARGS =
  'args arg_method=method arg_path=url arg_ver=req.ver arg_hdrs=req.hdrs_bin arg_body=req.body arg_uid=unique-id';
const EVENT = '    event on-frontend-http-request\n';

/** What is printed, with one text replaced in each file that has it → `code: message` of what is found besides. */
function found(from: string, to: string): string[] {
  const isThere = Object.values(USUAL).some((text) => text.includes(from));
  assert.ok(isThere, from);
  const files = Object.fromEntries(
    Object.entries(USUAL).map(([name, text]) => [name, text.replaceAll(from, () => to)]),
  );
  const usual = new Set(checkFiles(USUAL).map(({ code }) => code));
  return checkFiles(files)
    .filter(({ code }) => !usual.has(code))
    .map(({ code, message }) => `${code}: ${message}`);
}

const FOREIGN = {
  crowdsec:
    'args remediation=var(req.remediation) id=unique-id host=hdr(Host) method=method path=path url=url query=query version=req.ver headers=req.hdrs body=req.body src-ip=src',
  coraza:
    'args app=str(sample) src-ip=src src-port=src_port method=method path=path query=query version=req.ver headers=req.hdrs body=req.body',
  'one that decides by path': 'args path=path src=src',
  'one with a name of ours for something else': 'args arg_uid=unique-id ip=src',
};

for (const [agent, args] of Object.entries(FOREIGN)) {
  test(`arguments for another agent: ${agent}`, () => assert.deepEqual(found(ARGS, args), []));
}

test('arguments without names are those of ModSecurity, unless it is called a mirror', () => {
  const nameless = 'args unique-id method path query req.ver req.hdrs_bin req.body';
  const modsecurity = {
    'haproxy.cfg': `defaults\n    mode http\nfrontend fe\n    option http-buffer-request\n    filter spoe engine waf config waf.cfg\nbackend be_waf\n    mode tcp\n    server a 127.0.0.1:1 check\n`,
    'waf.cfg': `[waf]\nspoe-agent waf\n    messages check-request\n    use-backend be_waf\n    timeout processing 500ms\nspoe-message check-request\n    ${nameless}\n${EVENT}`,
  };
  const codes = checkFiles(modsecurity).map(({ code }) => code);
  assert.ok(!codes.includes('method-path-missing'), codes.join(' '));
  assert.deepEqual(found(ARGS, nameless), [
    'method-path-missing: the message "mirror" has no arg_method and no arg_path; it has "method path"',
  ]);
});

const CONDITIONS: { readonly [condition: string]: readonly string[] } = {
  'if TRUE': [],
  'unless METH_GET or !HTTP_1.0 || ! LOCALHOST': [],
  'if { path_beg /search } !{ method POST } || { path -i -m beg -- /a }': [],
  'if { path_beg -f names.lst } or { path -m found } or { path -m sub search }': [],
  'if { url_beg http } or { path_end .png }': [],
  'if is_search': ['acl-undefined: this message has no acl "is_search"'],
  'if !nobody or somebody': ['acl-undefined: this message has no acl "nobody"'],
  'if true': ['acl-undefined: this message has no acl "true"'],
  'if { path -m beg -i /a search }': ['path-without-slash: no path begins with "search": it begins with a slash'],
  'if "$UNSET_NAME"': [],
};

for (const [condition, messages] of Object.entries(CONDITIONS)) {
  test(`the condition: ${condition}`, () => {
    const event = EVENT.trimEnd();
    const said = found(EVENT, `${event} ${condition}\n`).filter((each) => /^(acl|path)-/.test(each));
    assert.deepEqual(said, messages);
  });
}

const CHECKED = 'server agent1 127.0.0.1:12345 check';
const CHECKS: readonly (readonly [from: string, to: string, codes: readonly string[]])[] = [
  ['    option spop-check\n', '    option httpchk GET /\n', ['check-http']],
  ['    option spop-check\n', '    option httpchk\n    option spop-check\n', []],
  ['    option spop-check\n', '    option httpchk\n    default-server port 9901\n', []],
  ['    option spop-check\n', '    option httpchk\n    http-check connect port 9901\n', []],
  [CHECKED, `server agent0 127.0.0.1:12344 disabled check on-marked-down shutdown-sessions\n    ${CHECKED}`, []],
  [CHECKED, `default-server disabled\n    ${CHECKED}`, ['agents-disabled']],
  [CHECKED, `default-server disabled\n    ${CHECKED} enabled`, []],
];

for (const [from, to, codes] of CHECKS) {
  test(`the backend of the agents: ${to.trim().replaceAll(/\s+/g, ' ')}`, () => {
    assert.deepEqual(
      found(from, to).map((each) => each.split(':')[0]),
      codes,
    );
  });
}
