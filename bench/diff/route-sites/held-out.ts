/** Sites of other kinds: what the names of routes are worth elsewhere. The first seven were looked into once. */
import type { Random } from '../../random.ts';
import { fixed, fresh, get, pool, post, type Site } from './site.ts';
import * as w from './words.ts';

function bank(r: Random): ReturnType<Site> {
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

function videoCdn(r: Random, size: number): ReturnType<Site> {
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

function forge(r: Random, size: number): ReturnType<Site> {
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

function tracker(r: Random, size: number): ReturnType<Site> {
  const keys = ['PAY', 'WEB', 'OPS', 'INFRA', 'MOB', 'DATA'];
  const title = () =>
    w
      .slug(r)
      .split('-')
      .map((word) => w.capital(word))
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
function tenantStore(r: Random, size: number): ReturnType<Site> {
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

function booking(r: Random, size: number): ReturnType<Site> {
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
function documentation(r: Random, size: number): ReturnType<Site> {
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

function newspaper(r: Random, size: number): ReturnType<Site> {
  const article = pool(r, Math.ceil(size / 4), (x) => `${w.slug(x)}-${w.digits(x, 7)}`);
  return {
    values: {
      section: fixed(r, 'politics sports business culture science opinion travel world'.split(' ')),
      article,
      author: pool(r, 40, (x) => `${w.firstName(x)}-${w.lastName(x)}`),
      tag: pool(r, 60, w.noun),
      image: fresh(r, () => `${r.text(24, w.HEX)}_${r.pick(['small', 'large'])}.webp`),
      date: fresh(r, () => `${w.year(r)}/${w.month(r)}/${w.day(r)}`),
      id: fresh(r, w.number),
    },
    routes: [
      get(8, '/'),
      get(8, '/{section}'),
      get(24, '/{section}/{article}'),
      get(4, '/authors/{author}'),
      get(4, '/tags/{tag}'),
      get(14, '/images/{image}'),
      get(3, '/archive/{date}'),
      get(5, '/api/articles/{id}/comments'),
      post(3, '/api/newsletter'),
      get(3, '/rss.xml'),
    ],
  };
}

function socialNetwork(r: Random, size: number): ReturnType<Site> {
  const user = pool(r, Math.ceil(size / 8), w.userName);
  return {
    values: {
      user,
      post: fresh(r, () => `1${w.digits(r, 18)}`),
      tag: pool(r, 60, w.noun),
      short: fresh(r, () => r.text(11, w.BASE_62)),
      media: fresh(r, () => `${r.text(15, w.BASE_64_URL)}.jpg`),
      topic: fixed(r, ['music', 'gaming', 'news', 'fashion']),
    },
    routes: [
      get(16, '/{user}'),
      get(14, '/{user}/status/{post}'),
      get(6, '/{user}/followers'),
      get(6, '/{user}/following'),
      get(5, '/{user}/likes'),
      get(5, '/hashtag/{tag}'),
      get(8, '/p/{short}'),
      get(12, '/media/{media}'),
      get(8, '/home'),
      get(5, '/notifications'),
      post(8, '/i/api/1.1/statuses/update.json'),
      get(8, '/i/api/2/timeline/home.json'),
      get(3, '/explore/tabs/{topic}'),
    ],
  };
}

function registry(r: Random, size: number): ReturnType<Site> {
  const name = pool(r, Math.ceil(size / 10), (x) => w.repository(x).toLowerCase());
  return {
    values: {
      name,
      scoped: pool(r, 30, (x) => `@${w.madeUp(x)}/${w.noun(x)}`),
      version: fresh(r, w.semver),
      image: pool(r, 30, (x) => `${w.madeUp(x)}/${w.noun(x)}`),
      digest: fresh(r, () => `sha256:${r.text(64, w.HEX)}`),
      tag: fixed(r, ['latest', '1.0', '1.1', 'alpine', 'edge']),
      wheel: fresh(r, () => `${w.noun(r)}-${w.semver(r)}-py3-none-any.whl`),
      hex: fresh(r, () => `${r.text(2, w.HEX)}/${r.text(2, w.HEX)}/${r.text(60, w.HEX)}`),
    },
    routes: [
      get(14, '/npm/{name}'),
      get(6, '/npm/{scoped}'),
      get(10, '/npm/{name}/-/{name}-{version}.tgz'),
      get(10, '/v2/{image}/manifests/{tag}'),
      get(12, '/v2/{image}/blobs/{digest}'),
      [3, 'PUT', '/v2/{image}/manifests/{tag}'],
      get(4, '/v2/'),
      get(8, '/simple/{name}/'),
      get(8, '/packages/{hex}/{wheel}'),
      get(3, '/-/ping'),
      get(4, '/-/v1/search'),
    ],
  };
}

function maps(r: Random, size: number): ReturnType<Site> {
  return {
    values: {
      z: fresh(r, () => String(4 + r.below(14))),
      x: fresh(r, w.number),
      y: fresh(r, w.number),
      style: fixed(r, ['streets-v12', 'satellite-v9', 'dark-v11']),
      place: fresh(r, () => `ChIJ${r.text(23, w.BASE_64_URL)}`),
      point: fresh(r, () => `${(90 * r.next()).toFixed(5)},${(90 * r.next()).toFixed(5)}`),
      profile: fixed(r, ['driving', 'walking', 'cycling']),
      font: fixed(
        r,
        ['Noto Sans Regular', 'Noto Sans Bold', 'Roboto Medium'].map((name) => encodeURIComponent(name)),
      ),
      range: fixed(r, ['0-255', '256-511', '512-767', '8192-8447']),
      query: pool(r, Math.ceil(size / 10), (x) => `${w.noun(x)}%20${w.lastName(x)}`),
    },
    routes: [
      get(30, '/tiles/{z}/{x}/{y}.png'),
      get(14, '/vector/{z}/{x}/{y}.pbf'),
      get(8, '/styles/{style}'),
      get(5, '/fonts/{font}/{range}.pbf'),
      get(8, '/directions/{profile}/{point};{point}'.replace(';', '%3B')),
      get(6, '/places/{place}'),
      get(6, '/geocode/{query}.json'),
      get(3, '/sprites/sprite.json'),
      get(3, '/sprites/sprite.png'),
    ],
  };
}

function erp(r: Random): ReturnType<Site> {
  const sets = 'Customers Orders Products Invoices Employees Suppliers'.split(' ');
  return {
    values: {
      key: fresh(r, () => `(${w.number(r)})`),
      guid: fresh(r, () => `(${w.uuid(r)})`),
      report: pool(r, 30, (x) => `${w.noun(x)}-${w.topic(x)}`),
      employee: fresh(r, () => `E${w.digits(r, 6)}`),
      period: fresh(r, () => `${w.year(r)}-${w.month(r)}`),
      plant: fixed(r, ['DE01', 'DE02', 'US01', 'CN01']),
    },
    routes: [
      ...sets.flatMap((set, i) => [get(16 / (i + 2), `/odata/v4/${set}`), get(20 / (i + 2), `/odata/v4/${set}{key}`)]),
      get(6, '/hr/employees/{employee}'),
      get(6, '/hr/employees/{employee}/payslips/{period}'),
      post(4, '/hr/absences'),
      get(5, '/plants/{plant}/stock'),
      get(4, '/plants/{plant}/orders'),
      get(4, '/reports/{report}'),
      post(8, '/odata/v4/$batch'),
      get(3, '/odata/v4/$metadata'),
    ],
  };
}

/** Written when all was tuned; of these only the keys of the ERP were looked into. */
export const LAST_HELD_OUT: Readonly<Record<string, Site>> = {
  newspaper,
  'social network': socialNetwork,
  registry,
  maps,
  ERP: erp,
};

export const HELD_OUT: Readonly<Record<string, Site>> = {
  bank,
  'video CDN': videoCdn,
  'GitLab-like': forge,
  'tracker and wiki': tracker,
  "tenants' objects": tenantStore,
  booking,
  documentation,
};
