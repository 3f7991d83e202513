/** Sites that nothing was tuned on: what the names of routes are worth elsewhere. */
import { fixed, fresh, pool } from './site.mjs';
import * as w from './words.mjs';

const get = (weight, template) => [weight, 'GET', template];
const post = (weight, template) => [weight, 'POST', template];

function bank(r) {
  const iban = () => `${r.pick(['DE', 'FR', 'NL'])}${w.digits(r, 20)}`;
  return {
    values: {
      iban: pool(r, 400, iban),
      account: fresh(r, () => w.uuid(r)),
      transaction: fresh(r, () => `TXN${w.digits(r, 12)}`),
      card: fresh(r, () => `card_${r.text(16, w.LOWER_36)}`),
      statement: fresh(r, () => `${w.year(r)}-${w.month(r)}`),
      pair: fresh(r, () => `${r.pick(['EUR', 'USD', 'GBP'])}${r.pick(['JPY', 'CHF', 'SEK', 'PLN', 'NOK'])}`),
      branch: pool(r, 30, w.lastName),
      security: pool(r, 80, () => `${r.pick(['US', 'DE', 'LU'])}${r.text(9, w.UPPER_36)}${r.below(10)}`),
    },
    routes: [
      post(6, '/v1/auth/login'),
      post(4, '/v1/auth/refresh'),
      post(2, '/v1/auth/logout'),
      get(14, '/v1/accounts'),
      get(12, '/v1/accounts/{account}'),
      get(16, '/v1/accounts/{account}/transactions'),
      get(6, '/v1/accounts/{account}/transactions/{transaction}'),
      get(6, '/v1/accounts/{account}/statements/{statement}'),
      post(8, '/v1/payments/sepa'),
      post(3, '/v1/payments/instant'),
      get(5, '/v1/payments/{transaction}/status'),
      get(4, '/v1/cards/{card}'),
      post(2, '/v1/cards/{card}/block'),
      get(5, '/v1/beneficiaries/{iban}'),
      get(6, '/v1/rates/{pair}'),
      get(4, '/v1/securities/{security}/quote'),
      get(2, '/v1/branches/{branch}'),
      get(3, '/actuator/health'),
      get(2, '/actuator/prometheus'),
    ],
  };
}

function videoCdn(r, size) {
  const rendition = fixed(r, ['1080p', '720p', '480p', '360p', 'audio']);
  return {
    values: {
      video: pool(r, Math.ceil(size / 20), () => r.text(11, w.BASE_64_URL)),
      rendition,
      segment: fresh(r, () => `segment_${r.below(900)}.ts`),
      chunk: fresh(r, () => `chunk-stream${r.below(5)}-${String(r.below(99999)).padStart(5, '0')}.m4s`),
      channel: pool(r, 30, () => `${w.madeUp(r)}-hd`),
      user: pool(r, 60, (x) => `@${w.userName(x)}`),
      thumb: fresh(r, () => `${r.pick(['hq', 'mq', 'sd'])}${1 + r.below(3)}.jpg`),
      lang: fixed(r, ['en', 'de', 'fr', 'es', 'pt']),
      show: pool(r, 60, w.slug),
    },
    routes: [
      get(30, '/vod/{video}/{rendition}/{segment}'),
      get(8, '/vod/{video}/{rendition}/playlist.m3u8'),
      get(10, '/vod/{video}/master.m3u8'),
      get(14, '/live/{channel}/{chunk}'),
      get(6, '/live/{channel}/manifest.mpd'),
      get(8, '/thumbs/{video}/{thumb}'),
      get(4, '/subtitles/{video}/{lang}.vtt'),
      get(6, '/watch/{video}'),
      get(4, '/{user}'),
      get(3, '/{user}/videos'),
      get(5, '/shows/{show}'),
      post(8, '/api/heartbeat'),
      post(4, '/api/events/play'),
      get(4, '/api/recommendations'),
    ],
  };
}

function forge(r, size) {
  const group = () => (r.chance(0.4) ? `${w.madeUp(r)}/${w.noun(r)}s` : w.madeUp(r));
  const groups = Array.from({ length: 20 }, group).map((name) => name.split('/')[0]);
  const project = pool(r, Math.ceil(size / 12), () => `${r.pick(groups)}/${w.repository(r)}`);
  const file = () => [...Array.from({ length: 1 + r.below(5) }, () => w.noun(r)), `${w.noun(r)}.rb`].join('/');
  return {
    values: {
      project,
      encoded: () => project().replace('/', '%2F'),
      id: fresh(r, w.number),
      sha: fresh(r, () => r.text(40, w.HEX)),
      branch: fixed(r, ['main', 'develop', 'stable', 'wip', 'next']),
      path: pool(r, Math.ceil(size / 4), file),
      user: pool(r, 60, w.userName),
      digest: fresh(r, () => `sha256:${r.text(64, w.HEX)}`),
    },
    routes: [
      get(8, '/api/v4/projects/{encoded}'),
      get(8, '/api/v4/projects/{encoded}/merge_requests'),
      get(8, '/api/v4/projects/{encoded}/pipelines/{id}/jobs'),
      post(12, '/api/v4/jobs/request'),
      [10, 'PATCH', '/api/v4/jobs/{id}/trace'],
      get(4, '/api/v4/users/{user}/projects'),
      get(8, '/{project}'),
      get(8, '/{project}/-/merge_requests/{id}'),
      get(8, '/{project}/-/issues/{id}'),
      get(10, '/{project}/-/blob/{branch}/{path}'),
      get(6, '/{project}/-/commit/{sha}'),
      get(6, '/{project}/-/pipelines'),
      get(3, '/users/sign_in'),
      get(3, '/dashboard/projects'),
      get(6, '/v2/{project}/blobs/{digest}'),
      get(4, '/v2/{project}/manifests/{branch}'),
    ],
  };
}

function tracker(r, size) {
  const keys = ['PAY', 'WEB', 'OPS', 'INFRA', 'MOB', 'DATA'];
  const title = () =>
    w
      .slug(r)
      .split('-')
      .map((word) => word[0].toUpperCase() + word.slice(1))
      .join('+');
  return {
    values: {
      issue: fresh(r, () => `${r.pick(keys)}-${1 + r.below(9000)}`),
      project: fixed(r, keys),
      space: fixed(r, ['ENG', 'HR', 'OPS', 'SALES', 'DOCS', 'LEGAL']),
      title: pool(r, Math.ceil(size / 8), title),
      id: fresh(r, w.number),
      name: pool(r, 60, (x) => `${w.slug(x)}.${x.pick(['png', 'pdf', 'docx'])}`),
      filter: fresh(r, () => String(10_000 + r.below(900))),
    },
    routes: [
      get(20, '/browse/{issue}'),
      get(14, '/rest/api/2/issue/{issue}'),
      post(6, '/rest/api/2/issue/{issue}/comment'),
      post(4, '/rest/api/2/issue/{issue}/transitions'),
      get(10, '/rest/api/2/search'),
      get(5, '/rest/api/2/myself'),
      get(4, '/rest/api/2/project/{project}'),
      get(3, '/rest/api/2/project/{project}/versions'),
      get(6, '/projects/{project}/board'),
      get(4, '/projects/{project}/backlog'),
      get(12, '/wiki/spaces/{space}/pages/{id}/{title}'),
      get(5, '/wiki/spaces/{space}/overview'),
      get(5, '/secure/attachment/{id}/{name}'),
      get(3, '/secure/Dashboard.jspa'),
      get(3, '/secure/RapidBoard.jspa'),
      post(2, '/login.jsp'),
    ],
  };
}

/** Tenants first, then a prefix of theirs, then keys of any depth. */
function tenantStore(r, size) {
  const tenants = pool(r, 8 + r.below(40), w.madeUp);
  const key = () => {
    const depth = 1 + r.below(4);
    const folder = () => r.pick([w.noun(r), w.adjective(r), w.year(r), w.number(r)]);
    return [...Array.from({ length: depth }, folder), `${w.madeUp(r)}.${r.pick(['pdf', 'tiff', 'xml'])}`].join('/');
  };
  return {
    values: {
      tenant: tenants,
      key: pool(r, Math.ceil(size / 2), key, 0.6),
      upload: fresh(r, () => r.text(32, w.BASE_62)),
    },
    routes: [
      get(40, '/tenants/{tenant}/objects/{key}'),
      [15, 'PUT', '/tenants/{tenant}/objects/{key}'],
      get(8, '/tenants/{tenant}/usage'),
      get(5, '/tenants/{tenant}/policy'),
      post(10, '/tenants/{tenant}/uploads'),
      [10, 'PUT', '/tenants/{tenant}/uploads/{upload}'],
      get(4, '/status'),
    ],
  };
}

function booking(r, size) {
  const city = pool(r, 40, (x) => `${w.noun(x)}${x.pick(['ville', 'burg', 'ton', ''])}`);
  return {
    values: {
      locale: fixed(r, ['en-gb', 'de', 'fr', 'nl', 'es', 'it', 'pl']),
      country: fixed(r, 'germany france italy spain portugal greece austria poland croatia norway'.split(' ')),
      city,
      hotel: pool(r, Math.ceil(size / 8), w.slug),
      reservation: fresh(r, () => r.text(6, w.UPPER_36)),
      date: fresh(r, w.date),
      photo: fresh(r, () => `${w.number(r)}.jpg`),
      size: fresh(r, () => `max${r.pick([300, 500, 1024])}`),
      airport: pool(r, 40, (x) => w.letters(x, 3)),
    },
    routes: [
      get(16, '/{locale}/hotel/{country}/{hotel}'),
      get(8, '/{locale}/city/{country}/{city}'),
      get(6, '/{locale}/country/{country}'),
      get(10, '/{locale}/searchresults'),
      get(6, '/{locale}/help'),
      get(4, '/{locale}'),
      get(6, '/flights/{airport}-{airport}/{date}'),
      get(5, '/reservations/{reservation}'),
      post(3, '/reservations/{reservation}/cancel'),
      get(14, '/images/hotel/{size}/{photo}'),
      post(6, '/api/availability'),
      post(4, '/api/prices'),
      get(3, '/api/currencies'),
    ],
  };
}

/** Pages written by hand, folders of documents for each version and language, a registry of packages. */
function documentation(r, size) {
  const chapter = fixed(r, 'getting-started guides reference tutorials concepts operations security'.split(' '));
  return {
    values: {
      version: fixed(r, ['latest', 'stable', '1.0', '1.1', '2.0', '2.1', '3.0']),
      lang: fixed(r, ['en', 'ja', 'zh', 'ko', 'fr']),
      chapter,
      page: pool(r, Math.ceil(size / 10), w.slug),
      package: pool(r, Math.ceil(size / 12), w.repository),
      semver: fresh(r, w.semver),
      hash: pool(r, 6, () => r.text(8, w.HEX)),
    },
    routes: [
      get(6, '/'),
      get(30, '/docs/{lang}/{version}/{chapter}/{page}'),
      get(8, '/docs/{lang}/{version}/{chapter}'),
      get(12, '/package/{package}'),
      get(8, '/package/{package}/v/{semver}'),
      get(10, '/package/{package}/-/{package}-{semver}.tgz'),
      get(6, '/blog/{page}'),
      get(6, '/search'),
      get(6, '/theme.{hash}.css'),
      get(6, '/app.{hash}.js'),
      get(2, '/sitemap.xml'),
    ],
  };
}

export const HELD_OUT = {
  bank,
  'video CDN': videoCdn,
  'GitLab-like': forge,
  'tracker and wiki': tracker,
  "tenants' objects": tenantStore,
  booking,
  documentation,
};
