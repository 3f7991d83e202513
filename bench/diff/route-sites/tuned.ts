/** Seven kinds of site and what they vary in. The names of routes were tuned on these; held-out.ts has the others. */
import type { Random } from '../../random.ts';
import { fixed, fresh, get, pool, post, type Site, type SiteRoute } from './site.ts';
import * as w from './words.ts';

function filePath(r: Random, depth: number): string {
  const directories = 'src lib test docs app core internal cmd pkg api server client models views assets config'.split(
    ' ',
  );
  const parts = Array.from({ length: r.below(depth) }, () => (r.chance(0.7) ? r.pick(directories) : w.noun(r)));
  const file = `${r.chance(0.5) ? w.noun(r) : `${w.noun(r)}_${w.topic(r)}`}.${r.pick(['ts', 'go', 'md', 'json', 'py'])}`;
  return [...parts, r.chance(0.1) ? 'README.md' : file].join('/');
}

function gitValues(r: Random, size: number): ReturnType<Site>['values'] {
  const owners = Array.from({ length: 15 + r.below(Math.ceil(size / 20)) }, () => w.userName(r));
  const repositories = pool(r, 30 + r.below(Math.ceil(size / 8)), () => `${r.pick(owners)}/${w.repository(r)}`);
  const branch = fixed(r, ['main', 'develop', 'master', 'feature/login', 'release/1.2', 'fix-typo', 'v1.2.0', 'next']);
  const plainBranch = fixed(r, ['main', 'develop', 'master', 'login', 'v1.2.0', 'fix-typo', 'v2.0.1', 'next']);
  const sha = fresh(r, () => r.text(40, w.HEX));
  const range = () =>
    r.chance(0.5) ? `${plainBranch()}...${plainBranch()}` : `${r.text(7, w.HEX)}..${r.text(7, w.HEX)}`;
  return {
    repo: repositories,
    user: fixed(r, owners),
    org: pool(r, 12, w.madeUp),
    number: fresh(r, w.number),
    branch,
    sha,
    ref: () => (r.chance(0.7) ? plainBranch() : sha()),
    range,
    path: pool(r, Math.ceil(size / 4), () => filePath(r, 6)),
    tag: pool(r, 30, () => `v${w.semver(r)}`),
    label: pool(r, 12, w.adjective),
    gist: fresh(r, () => r.text(32, w.HEX)),
  };
}

/** Owners and repositories below /repos. */
function codeHostApi(r: Random, size: number): ReturnType<Site> {
  const routes: readonly SiteRoute[] = [
    get(12, '/repos/{repo}'),
    get(14, '/repos/{repo}/issues'),
    get(10, '/repos/{repo}/issues/{number}'),
    post(3, '/repos/{repo}/issues/{number}/comments'),
    get(10, '/repos/{repo}/pulls'),
    get(8, '/repos/{repo}/pulls/{number}/files'),
    get(9, '/repos/{repo}/commits'),
    get(6, '/repos/{repo}/commits/{sha}'),
    get(7, '/repos/{repo}/contents/{path}'),
    get(5, '/repos/{repo}/branches'),
    get(4, '/repos/{repo}/compare/{range}'),
    get(3, '/repos/{repo}/releases/tags/{tag}'),
    get(2, '/repos/{repo}/git/trees/{sha}'),
    get(8, '/users/{user}'),
    get(5, '/users/{user}/repos'),
    get(2, '/users/{user}/followers'),
    get(3, '/orgs/{org}/members'),
    get(3, '/orgs/{org}/repos'),
    get(4, '/search/repositories'),
    get(2, '/search/issues'),
    get(6, '/user'),
    get(2, '/rate_limit'),
    get(2, '/gists/{gist}'),
  ];
  return { values: gitValues(r, size), routes };
}

/** The same at the root, as people see it. */
function codeHostWeb(r: Random, size: number): ReturnType<Site> {
  const routes: readonly SiteRoute[] = [
    get(14, '/{repo}'),
    get(10, '/{repo}/issues'),
    get(8, '/{repo}/issues/{number}'),
    get(8, '/{repo}/pulls'),
    get(7, '/{repo}/pull/{number}'),
    get(4, '/{repo}/pull/{number}/files'),
    get(9, '/{repo}/tree/{ref}/{path}'),
    get(12, '/{repo}/blob/{ref}/{path}'),
    get(5, '/{repo}/raw/{ref}/{path}'),
    get(4, '/{repo}/compare/{range}'),
    get(5, '/{repo}/commit/{sha}'),
    get(4, '/{repo}/releases/tag/{tag}'),
    get(3, '/{repo}/actions'),
    get(8, '/{user}'),
    get(3, '/login'),
    get(2, '/explore'),
    get(3, '/notifications'),
    get(1, '/settings/profile'),
    get(4, '/search'),
    post(1, '/session'),
  ];
  return { values: gitValues(r, size), routes };
}

function shop(r: Random, size: number): ReturnType<Site> {
  const categories = 'shoes shirts coats hats bags belts socks scarves outdoor kids sale home garden'.split(' ');
  const subcategories = pool(r, 40, (x) => `${w.adjective(x)}-${w.noun(x)}`);
  const routes: readonly SiteRoute[] = [
    get(8, '/'),
    get(10, '/category/{category}'),
    get(8, '/category/{category}/{subcategory}'),
    get(18, '/product/{slug}'),
    get(4, '/product/{slug}/reviews'),
    get(6, '/p/{sku}'),
    get(4, '/brand/{brand}'),
    get(6, '/search'),
    get(6, '/cart'),
    post(5, '/cart/items'),
    [2, 'DELETE', '/cart/items/{number}'],
    get(3, '/checkout/address'),
    post(2, '/checkout/payment'),
    get(2, '/checkout/confirm'),
    get(5, '/account/orders'),
    get(4, '/account/orders/{order}'),
    get(3, '/account/wishlist'),
    post(2, '/account/login'),
    get(16, '/img/{size}/{image}'),
    get(3, '/carts/{cart}'),
    get(6, '/static/css/main.css'),
    get(6, '/static/js/app.js'),
    get(4, '/static/js/vendor.js'),
    get(2, '/favicon.ico'),
    get(2, '/pages/{page}'),
  ];
  return {
    values: {
      category: fixed(r, categories),
      subcategory: subcategories,
      slug: pool(r, Math.ceil(size / 6), w.slug),
      sku: pool(r, Math.ceil(size / 10), () => `${w.letters(r, 2)}-${w.digits(r, 4)}-${r.pick(['S', 'M', 'L', 'XL'])}`),
      brand: pool(r, 25, w.madeUp),
      number: fresh(r, w.number),
      order: fresh(r, () => `ORD-${w.year(r)}-${w.digits(r, 6)}`),
      size: fresh(r, w.size),
      image: pool(r, Math.ceil(size / 6), w.image),
      cart: fresh(r, () => r.text(21, w.BASE_64_URL)),
      page: fixed(r, ['imprint', 'terms', 'privacy', 'shipping', 'returns', 'about-us', 'contact', 'faq']),
    },
    routes,
  };
}

function wordPress(r: Random, size: number): ReturnType<Site> {
  const plugins = 'contact-form-7 woocommerce elementor akismet jetpack wordpress-seo wp-super-cache'.split(' ');
  const routes: readonly SiteRoute[] = [
    get(10, '/'),
    get(16, '/{year}/{month}/{day}/{slug}/'),
    get(3, '/{year}/{month}/'),
    get(2, '/{year}/'),
    get(5, '/category/{category}/'),
    get(4, '/tag/{tag}/'),
    get(3, '/author/{author}/'),
    get(3, '/page/{number}/'),
    get(3, '/feed/'),
    get(16, '/wp-content/uploads/{year}/{month}/{upload}'),
    get(8, '/wp-content/themes/{theme}/style.css'),
    get(5, '/wp-content/themes/{theme}/js/navigation.js'),
    get(8, '/wp-content/plugins/{plugin}/{asset}'),
    get(6, '/wp-includes/js/jquery/jquery.min.js'),
    get(4, '/wp-includes/css/dist/block-library/style.min.css'),
    get(5, '/wp-json/wp/v2/posts'),
    get(4, '/wp-json/wp/v2/posts/{number}'),
    get(2, '/wp-json/wp/v2/users/{number}'),
    post(6, '/wp-admin/admin-ajax.php'),
    post(4, '/wp-login.php'),
    post(3, '/xmlrpc.php'),
    post(2, '/wp-cron.php'),
  ];
  const upload = () => `${w.slug(r)}${r.chance(0.6) ? `-${w.size(r)}` : ''}.${r.pick(['jpg', 'jpg', 'png', 'webp'])}`;
  return {
    values: {
      year: fresh(r, w.year),
      month: fresh(r, w.month),
      day: fresh(r, w.day),
      slug: pool(r, Math.ceil(size / 6), w.slug),
      category: pool(r, 12, w.noun),
      tag: pool(r, 50, w.adjective),
      author: pool(r, 8, w.userName),
      number: fresh(r, w.number),
      upload: pool(r, Math.ceil(size / 4), upload),
      theme: fixed(r, ['twentytwentyfour', 'astra', 'astra-child']),
      plugin: fixed(r, plugins),
      asset: pool(
        r,
        40,
        () => `assets/${r.pick(['js', 'css'])}/${w.noun(r)}${r.chance(0.5) ? '.min' : ''}.${r.pick(['js', 'css'])}`,
      ),
    },
    routes,
  };
}

function kubernetes(r: Random, size: number): ReturnType<Site> {
  const apps = Array.from(
    { length: 25 },
    () => `${w.noun(r)}${r.chance(0.5) ? `-${r.pick(['api', 'worker', 'web', 'db'])}` : ''}`,
  );
  const app = fixed(r, apps);
  const namespaces = [
    'default',
    'kube-system',
    'monitoring',
    'ingress-nginx',
    'cert-manager',
    'shop-prod',
    'shop-staging',
    'team-blue',
  ];
  const pod = () =>
    r.chance(0.8) ? `${app()}-${r.text(9, w.KUBERNETES)}-${r.text(5, w.KUBERNETES)}` : `${app()}-${r.below(4)}`;
  const namespaced = (weight: number, rest: string) => get(weight, `/api/v1/namespaces/{namespace}/${rest}`);
  const routes: readonly SiteRoute[] = [
    get(10, '/api/v1/pods'),
    namespaced(12, 'pods'),
    namespaced(16, 'pods/{pod}'),
    namespaced(8, 'pods/{pod}/log'),
    post(2, '/api/v1/namespaces/{namespace}/pods/{pod}/exec'),
    [3, 'PATCH', '/api/v1/namespaces/{namespace}/pods/{pod}/status'],
    namespaced(6, 'services'),
    namespaced(6, 'services/{app}'),
    namespaced(6, 'configmaps/{config}'),
    namespaced(4, 'secrets/{config}'),
    namespaced(5, 'endpoints/{app}'),
    post(6, '/api/v1/namespaces/{namespace}/events'),
    get(6, '/api/v1/nodes'),
    get(6, '/api/v1/nodes/{node}'),
    [3, 'PATCH', '/api/v1/nodes/{node}/status'],
    get(5, '/apis/apps/v1/namespaces/{namespace}/deployments'),
    get(8, '/apis/apps/v1/namespaces/{namespace}/deployments/{app}'),
    [3, 'PATCH', '/apis/apps/v1/namespaces/{namespace}/deployments/{app}/scale'],
    get(4, '/apis/apps/v1/namespaces/{namespace}/replicasets/{replicaset}'),
    get(4, '/apis/batch/v1/namespaces/{namespace}/jobs/{job}'),
    get(4, '/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses/{app}'),
    [10, 'PUT', '/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/{lease}'],
    get(3, '/healthz'),
    get(2, '/readyz'),
    get(2, '/version'),
    get(2, '/openapi/v2'),
    get(3, '/metrics'),
  ];
  return {
    values: {
      namespace: fixed(r, namespaces),
      pod: pool(r, Math.ceil(size / 8), pod),
      app,
      config: pool(r, 30, () => `${r.pick(apps)}-${r.pick(['config', 'env', 'tls', 'token', 'settings'])}`),
      node: pool(r, 40, () =>
        r.chance(0.5) ? `ip-10-${r.below(9)}-${r.below(200)}-${r.below(250)}` : `node-${r.text(5, w.KUBERNETES)}`,
      ),
      replicaset: pool(r, 40, () => `${r.pick(apps)}-${r.text(9, w.KUBERNETES)}`),
      job: pool(r, 60, () => `${r.pick(apps)}-${28_000_000 + r.below(900_000)}`),
      lease: pool(r, 30, () =>
        r.pick([
          `${w.noun(r)}-leader`,
          `ip-10-${r.below(9)}-${r.below(200)}-${r.below(250)}`,
          `${w.noun(r)}-controller`,
        ]),
      ),
    },
    routes,
  };
}

function objectStore(r: Random, size: number): ReturnType<Site> {
  const buckets = pool(r, 4 + r.below(16), () =>
    r.pick([`${w.madeUp(r)}-${r.pick(['assets', 'backups', 'logs', 'media'])}`, w.madeUp(r), `${w.noun(r)}-data`]),
  );
  const kinds = [
    () => `logs/${w.year(r)}/${w.month(r)}/${w.day(r)}/${w.noun(r)}-${r.below(99)}.log.gz`,
    () => `users/${w.number(r)}/${r.pick(['avatar.png', 'cover.jpg', `docs/${w.slug(r)}.pdf`])}`,
    () => `backup/${w.noun(r)}/${w.date(r)}/dump.sql.gz`,
    () => `${w.noun(r)}/${w.adjective(r)}/${w.slug(r)}.${r.pick(['csv', 'parquet', 'json'])}`,
    () => `${Array.from({ length: 1 + r.below(5) }, () => w.noun(r)).join('/')}/${w.slug(r)}.bin`,
    () => `${w.slug(r)}.txt`,
    () => `${r.text(2, w.HEX)}/${r.text(2, w.HEX)}/${r.text(36, w.HEX)}`,
  ];
  const key = pool(r, Math.ceil(size / 2), () => r.pick(kinds)(), 0.8);
  const routes: readonly SiteRoute[] = [
    get(50, '/{bucket}/{key}'),
    [18, 'PUT', '/{bucket}/{key}'],
    [10, 'HEAD', '/{bucket}/{key}'],
    [4, 'DELETE', '/{bucket}/{key}'],
    get(14, '/{bucket}'),
    get(3, '/'),
    get(2, '/minio/health/live'),
  ];
  return { values: { bucket: buckets, key }, routes };
}

/** Several releases of a site's files: what a build makes has its content's hash in its name. */
function assets(r: Random, size: number): ReturnType<Site> {
  const chunks = Array.from({ length: 60 }, () =>
    r.pick([w.noun(r), `${w.noun(r)}-${w.topic(r)}`, String(r.below(900))]),
  );
  const hex = () => r.text(8, w.HEX);
  const hashes = (count: number, make: () => string) => pool(r, count, make, 0.7);
  const releases = 4 + r.below(8);
  const routes: readonly SiteRoute[] = [
    get(10, '/'),
    get(8, '/static/js/main.{hex}.js'),
    get(8, '/static/js/vendor.{hex}.js'),
    get(6, '/static/js/runtime.{hex}.js'),
    get(14, '/static/js/{chunk}.{hex}.chunk.js'),
    get(6, '/static/css/main.{hex}.css'),
    get(6, '/static/css/{chunk}.{hex}.chunk.css'),
    get(8, '/static/media/{image}'),
    get(8, '/assets/index-{vite}.js'),
    get(6, '/assets/index-{vite}.css'),
    get(6, '/_next/static/{build}/_buildManifest.js'),
    get(6, '/_next/static/{build}/_ssgManifest.js'),
    get(6, '/fonts/{font}'),
    get(10, '/images/{size}/{picture}'),
    get(4, '/favicon.ico'),
    get(3, '/robots.txt'),
    get(3, '/manifest.json'),
    get(3, '/css/print.css'),
    get(4, '/js/legacy.js'),
  ];
  return {
    values: {
      hex: hashes(releases, hex),
      chunk: fixed(r, chunks),
      vite: hashes(releases, () => r.text(8, w.BASE_64_URL)),
      build: hashes(releases, () => r.text(21, w.BASE_64_URL)),
      image: pool(r, 80, () => `${w.noun(r)}.${hex()}.${r.pick(['svg', 'png', 'webp'])}`),
      font: pool(
        r,
        12,
        () => `${w.madeUp(r)}-${r.pick(['regular', 'bold', 'italic', '700'])}.${r.pick(['woff2', 'woff2', 'woff'])}`,
      ),
      size: fresh(r, w.size),
      picture: pool(r, Math.ceil(size / 8), w.image),
    },
    routes,
  };
}

/** Every kind of id that APIs use. */
function mixedRest(r: Random, size: number): ReturnType<Site> {
  const routes: readonly SiteRoute[] = [
    get(8, '/api/v1/customers/{customer}'),
    post(5, '/api/v1/customers'),
    get(6, '/api/v1/orders/{order}'),
    get(4, '/api/v1/orders/{order}/items'),
    get(3, '/api/v1/orders/search'),
    get(6, '/api/v1/users/{user}'),
    get(5, '/api/v1/users/me'),
    get(4, '/api/v1/users/{user}/settings'),
    get(4, '/api/v2/sessions/{token}'),
    get(4, '/api/v2/files/{nano}'),
    get(4, '/api/v1/reports/{week}'),
    get(3, '/api/v1/reports/{quarter}/summary'),
    get(4, '/api/v1/books/{isbn}'),
    get(4, '/api/v1/devices/{mac}'),
    get(4, '/api/v1/vehicles/{plate}'),
    get(4, '/api/v1/flights/{flight}'),
    get(4, '/api/v1/packages/{package}/{version}'),
    get(4, '/api/v1/weather/{coordinates}'),
    get(3, '/api/v1/hosts/{host}'),
    get(3, '/api/v1/airports/{airport}'),
    get(4, '/api/v1/countries/{country}/cities'),
    get(8, '/{locale}/products/{product}'),
    get(4, '/{locale}/about'),
    get(3, '/{locale}/contact'),
    get(4, '/tenants/{tenant}/invoices'),
    get(3, '/tenants/{tenant}/invoices/{number}'),
    get(3, '/tenants/{tenant}/members'),
    post(8, '/graphql'),
    get(4, '/health'),
    get(3, '/api/v1/currencies/{currency}'),
    post(3, '/oauth2/token'),
    get(2, '/.well-known/openid-configuration'),
  ];
  return {
    values: {
      customer: fresh(r, () => `cus_${r.text(14, w.BASE_62)}`),
      order: fresh(r, () => `ORD-${w.digits(r, 6)}`),
      user: pool(r, Math.ceil(size / 15), w.userName),
      token: fresh(r, () => Buffer.from(r.text(18, w.BASE_62)).toString('base64url')),
      nano: fresh(r, () => r.text(21, w.BASE_64_URL)),
      week: fresh(r, () => `${w.year(r)}-W${String(1 + r.below(52)).padStart(2, '0')}`),
      quarter: fresh(r, () => `${w.year(r)}-Q${1 + r.below(4)}`),
      isbn: fresh(r, () => `978-${r.below(10)}-${w.digits(r, 3)}-${w.digits(r, 5)}-${r.below(10)}`),
      mac: fresh(r, () => Array.from({ length: 6 }, () => r.text(2, w.HEX)).join(r.chance(0.5) ? ':' : '-')),
      plate: fresh(r, () => `${w.letters(r, 1 + r.below(3))}-${w.letters(r, 2)}-${1 + r.below(9999)}`),
      flight: pool(r, 60, () => `${w.letters(r, 2)}${1 + r.below(9999)}`),
      package: pool(r, 40, w.repository),
      version: fresh(r, w.semver),
      coordinates: fresh(r, () => `${(180 * r.next() - 90).toFixed(4)},${(360 * r.next() - 180).toFixed(4)}`),
      host: pool(r, 60, () => `ip-10-${r.below(9)}-${r.below(200)}-${r.below(250)}`),
      airport: pool(r, 40, () => w.letters(r, 3)),
      country: fixed(r, 'de fr it es us gb nl be at ch pl se no dk'.split(' ')),
      currency: fixed(r, 'EUR USD GBP CHF JPY SEK NOK DKK PLN CZK HUF'.split(' ')),
      locale: fixed(r, ['en', 'de', 'fr', 'es', 'it', 'pt-BR', 'nl', 'zh-CN']),
      product: pool(r, Math.ceil(size / 8), w.slug),
      tenant: pool(r, 12, w.madeUp),
      number: fresh(r, w.number),
    },
    routes,
  };
}

const VERBS = 'get list create update delete set add remove send find start stop cancel approve export sync'.split(' ');

/** Methods by name: each one is a route of its own. */
function rpc(r: Random): ReturnType<Site> {
  const things = 'User Order Invoice Product Session Report Device Ticket Message Payment'.split(' ');
  const methods = VERBS.flatMap((verb) => things.map((thing) => `${verb}${thing}`));
  const shuffled = methods
    .map((name) => ({ name, key: r.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ name }) => name);
  const weighted = (names: readonly string[], weight: number, template: (name: string) => string) =>
    names.map((name, i) => post(weight / (i + 3), template(name)));
  return {
    values: { number: fresh(r, w.number) },
    routes: [
      ...weighted(shuffled.slice(0, 120), 60, (name) => `/api/${name}`),
      ...weighted(
        shuffled.slice(120, 140),
        30,
        (name) => `/twirp/acme.shop.v1.${name.replace(/^[a-z]+/, '')}Service/${w.capital(name)}`,
      ),
      get(10, '/health'),
      get(10, '/users/{number}'),
    ],
  };
}

/** Slack's way: the noun before the verb, in small letters. */
function dottedRpc(r: Random): ReturnType<Site> {
  const nouns = 'chat users conversations files reactions reminders team usergroups views pins'.split(' ');
  const verbs = 'list info create delete update archive join invite history open postMessage setTopic'.split(' ');
  const methods = nouns.flatMap((noun) => verbs.map((verb) => `${noun}.${verb}`));
  const shuffled = methods
    .map((name) => ({ name, key: r.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ name }) => name);
  return {
    values: { number: fresh(r, w.number) },
    routes: [...shuffled.map((name, i) => post(100 / (i + 3), `/api/${name}`)), get(10, '/files-pri/{number}')],
  };
}

export const TUNED: Readonly<Record<string, Site>> = {
  'code host, API': codeHostApi,
  'code host, pages': codeHostWeb,
  shop,
  WordPress: wordPress,
  Kubernetes: kubernetes,
  'object store': objectStore,
  'assets with hashes': assets,
  'mixed REST': mixedRest,
  'RPC, verbs': rpc,
  'RPC, dotted': dottedRpc,
};
