/** Configurations as people write them, and as they are written to mislead: what is said of each, and what HAProxy says. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { missing, programOf, SERIES } from '../haproxy/haproxy.ts';
import { type CheckOptions, checkFiles, type Files, Folder, inShort } from './examples.ts';

const FRONT = `global
    log 127.0.0.1:514 len 8192 local0
defaults
    mode http
    log global
    option httplog
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend fe_main
    bind 127.0.0.1:18080
    option http-buffer-request
    filter spoe engine mirror config spoe.cfg
    default_backend be_servers
backend be_servers
    server app1 127.0.0.1:18081
backend mirroragents
    mode tcp
    option spop-check
    server agent1 127.0.0.1:12345 check
`;

const SPOE = `[mirror]
spoe-agent mirror
    log global
    messages mirror
    use-backend mirroragents
    timeout hello 500ms
    timeout idle 5s
    timeout processing 500ms
spoe-message mirror
    args arg_method=method arg_path=url arg_ver=req.ver arg_hdrs=req.hdrs_bin arg_body=req.body arg_sid=fc_pp_unique_id
    event on-frontend-http-request
`;

type Change = readonly [from: string, to: string];

function changed(text: string, ...changes: readonly Change[]): string {
  return changes.reduce((changing, [from, to]) => {
    assert.ok(changing.includes(from), from);
    return changing.replace(from, () => to);
  }, text);
}

const front = (...changes: readonly Change[]): Files => ({
  'haproxy.cfg': changed(FRONT, ...changes),
  'spoe.cfg': SPOE,
});
const spoe = (...changes: readonly Change[]): Files => ({
  'haproxy.cfg': FRONT,
  'spoe.cfg': changed(SPOE, ...changes),
});

interface Case {
  readonly what: string;
  readonly files: Files;
  /** `file:line code` of what is found. */
  readonly found: readonly string[];
  /** Whether each HAProxy starts with it; not tried without it. */
  readonly isTaken?: boolean;
  readonly options?: CheckOptions;
}

const FILTER = 'filter spoe engine mirror config spoe.cfg';
const RULES_OF_GROUP = '    default_backend be_servers\n';
const GROUP: readonly Change[] = [['    messages mirror\n', '    groups copies\n']];
const GROUP_SECTION = 'spoe-group copies\n    messages mirror\n';

/** Answers as people write them: heads by an event, and whole bodies by a rule. */
const ANSWERS: readonly Change[] = [
  ['    messages mirror\n', '    messages mirror head\n    groups bodies\n    no option send-frag-payload\n'],
  ['timeout idle 5s', 'timeout idle 1s'],
  [
    '    event on-frontend-http-request\n',
    `    event on-frontend-http-request
spoe-message head
    args arg_uid=unique-id arg_status=status arg_hdrs=res.hdrs_bin
    acl wanted var(txn.mirror.answer) -m bool
    event on-http-response if wanted !{ res.hdr(content-type) -m sub json } or wanted !{ res.hdr_val(content-length) le 12000 }
spoe-message body
    args arg_uid=unique-id arg_status=status arg_hdrs=res.hdrs_bin arg_body=res.body
spoe-group bodies
    messages body
`,
  ],
];
const IDENTIFIED: Change = [
  '    option http-buffer-request\n',
  '    option http-buffer-request\n    unique-id-format %{+X}o\\ %ci:%cp_%fi:%fp_%Ts_%rt:%pid\n    log-format "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %{+Q}r %ID %rt"\n',
];
const WAITING: Change = [
  '    default_backend be_servers\n',
  `    acl wanted var(txn.mirror.answer) -m bool
    acl short res.hdr_val(content-length) le 12000
    filter cache pages
    http-response cache-store pages if { res.hdr(x-kept) -m found }
    http-response wait-for-body time 30s if wanted short
    http-response send-spoe-group mirror bodies if wanted short
    default_backend be_servers
cache pages
    total-max-size 4
`,
];
const answering = (more: readonly Change[] = [], ...inFront: readonly Change[]): Files => ({
  'haproxy.cfg': changed(FRONT, IDENTIFIED, WAITING, ...inFront),
  'spoe.cfg': changed(SPOE, ...ANSWERS, ...more),
});

const CASES: readonly Case[] = [
  { what: 'answers', files: answering(), found: [], isTaken: true },
  ...['2.6.12', '3.0'].map((version) => ({
    what: `answers, for ${version}`,
    files: answering([], ['127.0.0.1:12345 check', '127.0.0.1:12345 check on-marked-down shutdown-sessions']),
    found: [],
    options: { version },
  })),
  {
    what: 'answers by a variable of another prefix, without a cache filter, and waiting for all',
    files: answering(
      [['    messages mirror head\n', '    messages mirror head\n    option var-prefix other\n']],
      ['    filter cache pages\n', ''],
      ['time 30s if wanted short', 'time 5s if wanted'],
    ),
    found: [
      'haproxy.cfg:16 answer-variable',
      'haproxy.cfg:18 filter-undeclared',
      'haproxy.cfg:19 wait-for-body-unannounced',
      'haproxy.cfg:19 wait-for-body-short',
      'spoe.cfg:17 answer-variable',
    ],
    isTaken: false,
  },
  {
    what: 'a variable that a rule of the proxy sets, and a prefix that is not known',
    files: answering([
      ['    messages mirror head\n', `    messages mirror head\n    option var-prefix "\${PREFIX}"\n`],
    ]),
    found: [],
  },
  {
    what: 'a condition that keeps the path in a variable, and one that does not',
    files: answering(
      [
        [
          'if wanted !{ res.hdr(content-type)',
          'if wanted { var(txn.path) -m beg /a } { path_beg /b } or wanted !{ res.hdr(content-type)',
        ],
      ],
      ['    acl wanted', '    http-request set-var(txn.path) path\n    acl wanted'],
    ),
    found: ['spoe.cfg:17 condition-of-request'],
    isTaken: true,
  },
  {
    what: 'answers for another agent are its business',
    files: spoe(
      ['    messages mirror\n', '    messages check\n'],
      [
        'spoe-message mirror\n',
        'spoe-message check\n    args ip=src\n    event on-http-response\nspoe-message mirror\n',
      ],
    ),
    found: ['spoe.cfg:12 message-unlisted'],
    isTaken: true,
  },
  { what: 'nothing out of the ordinary', files: front(), found: [], isTaken: true },
  {
    what: 'quotes and escapes wherever they can stand',
    files: {
      'haproxy.cfg': changed(
        FRONT,
        [FILTER, `"filter" 'spoe' engine "mir"'ror' config spo\\x65.cfg # the engine`],
        ['backend mirroragents', 'backend "mirror"agents#comment'],
        ['    mode tcp', "    mode 't'cp"],
      ),
      'spoe.cfg': changed(
        SPOE,
        ['[mirror]', '  [mirror]   # scope'],
        ['messages mirror', 'messages "mirror"'],
        ['use-backend mirroragents', "use-backend 'mirroragents'"],
      ),
    },
    found: [],
    isTaken: true,
  },
  {
    what: 'CRLF and a byte order mark would do',
    files: { 'haproxy.cfg': FRONT.replaceAll('\n', '\r\n'), 'spoe.cfg': SPOE.replaceAll('\n', '\r\n') },
    found: [],
    isTaken: true,
  },
  {
    what: 'a variable that is not set here decides nothing',
    files: spoe(['use-backend mirroragents', `use-backend "\${AGENTS}"`], ['messages mirror', 'messages "$MESSAGE"']),
    found: [],
  },
  {
    what: 'a variable outside of quotes is a name',
    files: spoe(['use-backend mirroragents', `use-backend \${AGENTS}`]),
    found: ['spoe.cfg:5 backend-missing'],
    isTaken: false,
  },
  {
    what: 'a variable with a value of its own',
    files: spoe(['use-backend mirroragents', `use-backend "\${AGENTS-mirroragent}"`]),
    found: ['spoe.cfg:5 backend-missing'],
    isTaken: false,
  },
  {
    what: 'a variable that the configuration sets',
    files: {
      'haproxy.cfg': changed(FRONT, ['global\n', 'global\n    setenv AGENTS mirroragents\n']),
      'spoe.cfg': changed(SPOE, ['use-backend mirroragents', `use-backend "\${AGENTS}"`]),
    },
    found: [],
    isTaken: true,
  },
  {
    what: 'a variable that the configuration unsets',
    files: front(['global\n', 'global\n    unsetenv HOW\n'], ['    mode tcp', `    mode "\${HOW-http}"`]),
    found: ['haproxy.cfg:19 backend-mode'],
    isTaken: false,
    options: { variables: { HOW: 'tcp' } },
  },
  {
    what: 'a quote that does not end',
    files: front(['    bind 127', '    description "it is\n    bind 127']),
    found: ['haproxy.cfg:11 syntax'],
    isTaken: false,
  },
  {
    what: 'a file that was cut',
    files: { 'haproxy.cfg': FRONT, 'spoe.cfg': SPOE.trimEnd() },
    found: ['spoe.cfg:11 syntax'],
    isTaken: false,
  },
  {
    what: 'blocks that do not fit',
    files: front(['    bind 127', '.endif\n.if 1\n.else\n.else\n.endif\n.if 0\n    bind 127']),
    found: ['haproxy.cfg:11 syntax', 'haproxy.cfg:14 syntax', 'haproxy.cfg:16 syntax'],
    isTaken: false,
  },
  {
    what: 'mode and check from defaults, by name',
    files: {
      'haproxy.cfg': `${changed(FRONT, ['    mode tcp\n', ''], [' check\n', '\n'], ['backend mirroragents', 'backend mirroragents from agents'], ['frontend fe_main', 'frontend fe_main from web'], ['backend be_servers\n    server', 'backend be_servers from web\n    server'], ['defaults\n', 'defaults base\n    timeout connect 5s\n    timeout client 30s\n    timeout server 30s\ndefaults agents from base\n    mode tcp\n    default-server check\ndefaults web\n'])}`,
      'spoe.cfg': SPOE,
    },
    found: [],
    isTaken: true,
  },
  {
    what: 'defaults that are not there',
    files: front(['    mode tcp\n', ''], ['backend mirroragents', 'backend mirroragents from nowhere']),
    // Whatever they are would decide the mode, so that is not known.
    found: ['haproxy.cfg:17 defaults-missing'],
    isTaken: false,
  },
  {
    what: 'default-server, and a server that is not checked for all that',
    files: front(
      [' check\n', ' no-check\n    server agent2 127.0.0.1:12346\n'],
      ['    option spop-check\n', '    option spop-check\n    default-server check inter 1s\n'],
    ),
    found: ['haproxy.cfg:21 agent-unchecked'],
    isTaken: true,
  },
  {
    what: 'a server that tracks another one',
    files: front([' check\n', ' track health/agent1\nbackend health\n    server agent1 127.0.0.1:12345 check\n']),
    found: [],
    isTaken: true,
  },
  {
    what: 'use-server, and servers from a template',
    files: front([
      '    server agent1 127.0.0.1:12345 check\n',
      '    use-server agents1 if { always_true }\n    server-template agents 1-3 127.0.0.1:12345 check\n',
    ]),
    found: [],
    isTaken: true,
  },
  {
    what: 'a condition that is false hides a fault',
    files: front(['    mode tcp\n', '    .if 0\n    mode http\n    .else\n    mode tcp\n    .endif\n']),
    found: [],
    isTaken: true,
  },
  {
    what: 'a condition that is true shows one',
    files: front(['    mode tcp\n', '    .if !(0 || streq(a,b)) && 1\n    .else\n    mode tcp\n    .endif\n']),
    found: ['haproxy.cfg:17 backend-mode'],
    isTaken: false,
  },
  {
    what: 'a condition about the build decides nothing',
    files: front(['    mode tcp\n', '    .if feature(NONE)\n    mode http\n    .elif 1\n    mode tcp\n    .endif\n']),
    found: [],
    isTaken: true,
  },
  {
    what: 'a section within an undecided condition',
    files: front(['backend mirroragents\n', '.if feature(X)\nbackend other\n.endif\nbackend mirroragents\n']),
    found: [],
  },
  {
    what: 'a condition about the version is decided with --for',
    files: front([
      '    mode tcp\n',
      '    .if version_atleast(3.1)\n    mode spop\n    .else\n    mode http\n    .endif\n',
    ]),
    found: ['haproxy.cfg:21 backend-mode', 'haproxy.cfg:24 stalled-agent-kept'],
    options: { version: '2.6' },
  },
  {
    what: 'an engine that the SPOE file does not have, but nearly',
    files: front([FILTER, 'filter spoe config spoe.cfg engine miror']),
    found: ['haproxy.cfg:13 engine-scope'],
    isTaken: false,
  },
  {
    what: 'a filter without engine, and a file with scopes',
    files: front([FILTER, 'filter spoe config spoe.cfg']),
    found: ['haproxy.cfg:13 engine-scope'],
    isTaken: false,
  },
  {
    what: 'a filter with engine, and a file without scopes',
    files: spoe(['[mirror]\n', '']),
    found: ['haproxy.cfg:13 engine-scope'],
    isTaken: false,
  },
  {
    what: 'a filter without engine, and a file without scopes',
    files: {
      'haproxy.cfg': changed(FRONT, [FILTER, 'filter spoe config spoe.cfg']),
      'spoe.cfg': changed(SPOE, ['[mirror]\n', '']),
    },
    found: [],
    isTaken: true,
  },
  {
    what: 'a file with several scopes, and nonsense in one that is not used',
    files: { 'haproxy.cfg': FRONT, 'spoe.cfg': `${SPOE}[other]\nnonsense here\nspoe-message unused\n    args a=src\n` },
    found: [],
    isTaken: true,
  },
  {
    what: 'two engines of one file, one of them wrong',
    files: {
      'haproxy.cfg': changed(FRONT, [FILTER, `${FILTER}\n    filter spoe engine second config spoe.cfg`]),
      'spoe.cfg': `${SPOE}${SPOE.replaceAll('mirror\n', 'second\n').replace('[mirror]', '[second]').replace('event', '#')}`,
    },
    found: ['spoe.cfg:20 message-without-event'],
    isTaken: true,
  },
  {
    what: 'a group that a rule with a condition sends',
    files: {
      'haproxy.cfg': changed(FRONT, [
        RULES_OF_GROUP,
        `    http-request send-spoe-group mirror copies if { path_beg /x } !{ method POST }\n${RULES_OF_GROUP}`,
      ]),
      'spoe.cfg': `${changed(SPOE, ...GROUP, ['    event on-frontend-http-request\n', ''])}${GROUP_SECTION}`,
    },
    found: [],
    isTaken: true,
  },
  {
    what: 'a group whose rule is in another proxy',
    files: {
      'haproxy.cfg': changed(FRONT, [
        '    server app1',
        '    http-request send-spoe-group mirror copies\n    server app1',
      ]),
      'spoe.cfg': `${changed(SPOE, ...GROUP, ['    event on-frontend-http-request\n', ''])}${GROUP_SECTION}`,
    },
    found: ['haproxy.cfg:16 group-rule', 'spoe.cfg:4 group-never-sent'],
    isTaken: false,
  },
  {
    what: 'a group beside an event of the same message',
    files: { 'haproxy.cfg': FRONT, 'spoe.cfg': `${SPOE}${GROUP_SECTION}` },
    found: ['spoe.cfg:12 group-unlisted'],
    isTaken: true,
  },
  {
    what: 'messages over several lines, and several events of which the last is right',
    files: spoe(
      ['    messages mirror\n', '    messages mirror\n    messages second\n'],
      [
        '    event on-frontend-http-request\n',
        '    event on-http-response\n    event on-frontend-http-request if TRUE\nspoe-message second\n    args a=src\n    event on-client-session\n',
      ],
    ),
    found: ['spoe.cfg:12 event-repeated'],
    isTaken: true,
  },
  {
    what: 'a listen section as backend of the agents, and one with the filter',
    files: front(
      ['backend mirroragents\n', 'listen mirroragents\n    bind 127.0.0.1:18999\n'],
      ['frontend fe_main', 'listen fe_main'],
    ),
    found: [],
    isTaken: true,
  },
  {
    what: 'use-backend that names a frontend',
    files: spoe(['use-backend mirroragents', 'use-backend fe_main']),
    found: ['spoe.cfg:5 backend-missing'],
    isTaken: false,
  },
  {
    what: 'sections and keywords that nobody knows',
    files: front(
      [
        'frontend fe_main\n',
        'waf-profile strict\n    mode http\n    mode tcp\n    rule 12 on\n\nfrontend fe_main\n    turbo on\n',
      ],
      ['backend mirroragents\n', 'backend mirroragents\n    quantum entangle\n'],
    ),
    found: [],
  },
  {
    what: 'paths and names of HAProxy Enterprise',
    files: {
      'haproxy.cfg': changed(
        FRONT,
        [FILTER, 'filter spoe engine mirror config /etc/hapee-extras/hapee-mirror-spoe.cfg'],
        ['global\n', 'global\n    module-path /opt/hapee-3.0/modules\n    module-load hapee-lb-update.so\n'],
      ),
      'hapee-mirror-spoe.cfg': SPOE,
    },
    found: [],
    options: { named: ['haproxy.cfg', 'hapee-mirror-spoe.cfg'] },
  },
  {
    what: 'the stock log targets of a distribution',
    files: front([
      '    log 127.0.0.1:514 len 8192 local0\n',
      '    log /dev/log local0\n    log /dev/log local1 notice\n',
    ]),
    found: ['haproxy.cfg:3 logged-twice'],
    isTaken: true,
  },
  {
    what: 'a switch, and an ACL of another name that has two lines',
    files: {
      ...spoe([
        '    event on-frontend-http-request\n',
        '    acl on str(m),map(m.map) -m str on\n    acl some path_beg /a\n    acl some path_beg /b\n    event on-frontend-http-request if on some\n',
      ]),
      'm.map': '',
    },
    found: [],
  },
  {
    what: 'a switch in a rule, by the name of another ACL of the frontend',
    files: {
      'haproxy.cfg': changed(FRONT, [
        '    default_backend be_servers\n',
        '    acl on path_beg /a\n    acl on str(m),map(m.map) -m str on\n    http-request send-spoe-group mirror g if on\n    default_backend be_servers\n',
      ]),
      'spoe.cfg': `${changed(SPOE, ['    messages mirror\n', '    groups g\n'], ['    event on-frontend-http-request\n', ''])}spoe-group g\n    messages mirror\n`,
      'm.map': '',
    },
    found: ['haproxy.cfg:14 switch-joined'],
  },
  {
    what: 'two log targets of one address, of which one has its usual port written',
    files: front([
      '    log 127.0.0.1:514 len 8192 local0\n',
      '    log 127.0.0.1 local0\n    log 127.0.0.1:514 local1 notice\n',
    ]),
    found: ['haproxy.cfg:3 logged-twice'],
    isTaken: true,
  },
  {
    what: 'two log targets of one address at two ports',
    files: front([
      '    log 127.0.0.1:514 len 8192 local0\n',
      '    log 127.0.0.1 local0\n    log 127.0.0.1:1514 local1 notice\n',
    ]),
    found: [],
    isTaken: true,
  },
  {
    what: 'two log targets that are two places',
    files: front([
      '    log 127.0.0.1:514 len 8192 local0\n',
      '    log 192.0.2.1:514 local0\n    log 192.0.2.2:514 local0\n',
    ]),
    found: [],
    isTaken: true,
  },
  {
    what: 'a second target of errors only',
    files: front(['    log 127.0.0.1:514 len 8192 local0\n', '    log /dev/log local0\n    log /dev/log local1 err\n']),
    found: [],
    isTaken: true,
  },
  {
    what: 'a log line that was flushed',
    files: spoe(['    log global\n', '    log global\n    no log\n']),
    found: ['spoe.cfg:2 agent-not-logged'],
    isTaken: true,
  },
  {
    what: 'an option that is taken back',
    files: front([
      '    option http-buffer-request\n',
      '    option http-buffer-request\n    no option http-buffer-request\n',
    ]),
    found: ['spoe.cfg:10 body-not-buffered'],
    isTaken: true,
  },
  {
    what: 'an option from defaults',
    files: front(
      ['    option http-buffer-request\n', ''],
      ['    option httplog\n', '    option httplog\n    option http-buffer-request\n'],
    ),
    found: [],
    isTaken: true,
  },
  {
    what: 'a frontend in mode tcp before backends in mode http',
    files: front(['    option http-buffer-request\n', '    mode tcp\n    option http-buffer-request\n']),
    found: [],
    isTaken: true,
  },
  {
    what: 'all in mode tcp',
    files: front(['    mode http\n', '    mode tcp\n']),
    found: ['spoe.cfg:11 event-never'],
  },
  {
    what: 'an event of the backend in a listen section, which HAProxy sends as one of the frontend',
    files: {
      'haproxy.cfg': changed(FRONT, ['frontend fe_main', 'listen fe_main']),
      'spoe.cfg': changed(SPOE, ['on-frontend-http-request', 'on-backend-http-request']),
    },
    found: [],
    isTaken: true,
  },
  {
    what: 'times without a unit, and in others',
    files: spoe(['timeout processing 500ms', 'timeout processing 500000us']),
    found: [],
    isTaken: true,
  },
  {
    what: 'a minute',
    files: spoe(['timeout processing 500ms', 'timeout processing 1m']),
    found: ['spoe.cfg:8 processing-long'],
    isTaken: true,
  },
  {
    what: 'no mode at all, in a whole configuration',
    files: front(['    mode http\n', ''], ['    option httplog\n', ''], ['    option http-buffer-request\n', '']),
    found: ['spoe.cfg:10 body-not-buffered', 'spoe.cfg:11 event-never'],
    isTaken: true,
  },
  {
    what: 'no mode at all, in a part of a configuration',
    files: front(
      ['global\n    log 127.0.0.1:514 len 8192 local0\n', ''],
      ['    mode http\n', ''],
      ['    option httplog\n', ''],
      ['    log global\n', '    log 127.0.0.1:514 len 8192 local0\n'],
      ['    option http-buffer-request\n', ''],
    ),
    found: ['spoe.cfg:10 body-not-buffered'],
  },
  {
    what: 'a frontend and a backend of one name, and two backends of another',
    files: front(
      ['\nbackend be_servers\n', '\nbackend fe_main\n    server app1 127.0.0.1:18081\nbackend be_servers\n'],
      ['backend mirroragents\n', 'backend be_servers\n    server app1 127.0.0.1:18081\nbackend mirroragents\n'],
    ),
    found: ['haproxy.cfg:19 proxy-twice'],
    isTaken: false,
  },
  {
    what: 'an acl of which one line stands above its event, and one below',
    files: spoe([
      '    event on-frontend-http-request\n',
      '    acl a path_beg /a\n    event on-frontend-http-request if a\n    acl a path_beg /b\n    acl unused path_beg /c\n',
    ]),
    found: [],
    isTaken: true,
  },
  {
    what: 'keywords with "no", and options that none knows',
    files: spoe(['    messages mirror\n', '    messages mirror\n    no option async\n    option continue-on-eror\n']),
    found: ['spoe.cfg:6 spoe-keyword'],
    isTaken: false,
  },
  {
    what: 'a section of an SPOE file that there is not, whose lines are those of the message above',
    files: spoe([
      '    event on-frontend-http-request\n',
      '    event on-frontend-http-request\nspoe-mesage two\n    args a=src\n',
    ]),
    found: ['spoe.cfg:12 message-keyword'],
    isTaken: true,
  },
  {
    what: 'maps in a folder that is not here, of a variable, and of no file',
    files: spoe([
      '    event on-frontend-http-request\n',
      '    acl a path,map(/no/such/folder/a.map) -m found\n    acl b path,map("$MAPS/b.map") -m found\n    acl c path,map(virt@c) -m found\n    event on-frontend-http-request if a b c\n',
    ]),
    found: [],
  },
  {
    what: 'a map that is missing, in the frontend',
    files: front([
      '    default_backend be_servers\n',
      '    http-request deny if { path,map_beg(gone.map,no) yes }\n    default_backend be_servers\n',
    ]),
    found: ['haproxy.cfg:14 map-missing'],
    isTaken: false,
  },
  {
    what: 'default-path config, and a file beside it',
    files: front(['global\n', 'global\n    default-path config\n']),
    found: [],
    isTaken: true,
  },
];

for (const { what, files, found, options } of CASES) {
  test(what, () => assert.deepEqual(inShort(checkFiles(files, options)), found));
}

for (const series of SERIES) {
  describe(`HAProxy ${series}`, { skip: missing(series) }, () => {
    for (const { what, files, isTaken } of CASES) {
      if (isTaken === undefined) continue;
      test(`${isTaken ? 'takes' : 'refuses'} ${what}`, () => {
        const folder = new Folder(files);
        try {
          const { status, stderr } = spawnSync(programOf(series), ['-c', '-f', 'haproxy.cfg'], {
            cwd: folder.path,
            encoding: 'utf8',
          });
          assert.equal(status === 0, isTaken, stderr);
        } finally {
          folder.remove();
        }
      });
    }
  });
}
