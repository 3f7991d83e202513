/** The same kinds of site as others build them: other words, other orders, other habits. */
import type { Random } from '../../random.ts';
import { fixed, fresh, get, pool, post, put, type Site, type SiteRoute } from './site.ts';
import * as w from './words.ts';

/** A few owners with many repositories, requests spread thin over many endpoints. */
function smallCodeHost(r: Random, size: number): ReturnType<Site> {
  const owners = Array.from({ length: 6 }, () => w.madeUp(r));
  const repo = pool(r, 10 + Math.ceil(size / 60), () => `${r.pick(owners)}/${w.repository(r)}`, 0.6);
  const file = () =>
    ['src', 'lib', 'main', 'java', 'com', 'acme']
      .slice(0, r.below(6))
      .concat(`${w.noun(r)}.java`)
      .join('/');
  const base = fixed(r, ['main', 'dev', 'v1.0', 'hotfix']);
  return {
    values: {
      repo,
      owner: fixed(r, owners),
      n: fresh(r, w.number),
      sha7: fresh(r, () => r.text(7, w.HEX)),
      base,
      file: pool(r, Math.ceil(size / 6), file),
      user: pool(r, 80, w.userName),
      workflow: fixed(r, ['ci.yml', 'release.yml', 'lint.yml']),
    },
    routes: [
      get(10, '/api/v3/repos/{repo}'),
      get(8, '/api/v3/repos/{repo}/git/refs/heads/{base}'),
      get(8, '/api/v3/repos/{repo}/commits/{sha7}/status'),
      post(8, '/api/v3/repos/{repo}/statuses/{sha7}'),
      get(8, '/api/v3/repos/{repo}/compare/{base}...{sha7}'),
      get(10, '/api/v3/repos/{repo}/contents/{file}'),
      get(6, '/api/v3/repos/{repo}/pulls'),
      get(6, '/api/v3/repos/{repo}/pulls/{n}'),
      put(3, '/api/v3/repos/{repo}/pulls/{n}/merge'),
      get(4, '/api/v3/repos/{repo}/actions/workflows/{workflow}/runs'),
      get(4, '/api/v3/repos/{repo}/collaborators/{user}/permission'),
      get(5, '/api/v3/users/{user}'),
      get(4, '/api/v3/orgs/{owner}/repos'),
      get(6, '/raw/{repo}/{base}/{file}'),
      get(3, '/api/v3/meta'),
    ],
  };
}

function fashionShop(r: Random, size: number): ReturnType<Site> {
  const product = pool(r, Math.ceil(size / 5), () => `${w.slug(r)}-${w.digits(r, 5)}.html`);
  const tree = () =>
    [
      r.pick(['women', 'men', 'kids', 'home']),
      r.pick(['clothing', 'shoes', 'accessories', 'sale', 'new-in']),
      w.noun(r),
    ]
      .slice(0, 1 + r.below(3))
      .join('/');
  return {
    values: {
      product,
      sku: fresh(r, () => w.digits(r, 8)),
      listing: pool(r, 60, tree),
      lang: fixed(r, ['en', 'de', 'fr']),
      cart: fresh(r, () => w.uuid(r)),
      media: fresh(r, () => `${r.text(2, w.HEX)}/${r.text(2, w.HEX)}/${w.slug(r)}_${w.number(r)}.jpg`),
      width: fixed(r, ['w_200', 'w_400', 'w_800', 'w_1200']),
      coupon: fresh(r, () => r.text(8, w.UPPER_36)),
      term: pool(r, 60, (x) => `${w.adjective(x)}+${w.noun(x)}`),
    },
    routes: [
      get(16, '/{lang}/{product}'),
      get(10, '/{lang}/c/{listing}'),
      get(8, '/{lang}/search/{term}'),
      get(5, '/{lang}/cart'),
      get(4, '/{lang}/checkout'),
      get(16, '/media/catalog/product/{media}'),
      get(10, '/cdn/{width}/{sku}.webp'),
      get(8, '/rest/V1/carts/{cart}/items'),
      post(4, '/rest/V1/carts/{cart}/coupons/{coupon}'),
      get(8, '/rest/V1/products/{sku}'),
      get(6, '/rest/V1/stock/{sku}'),
      get(5, '/customer/account/login'),
      get(3, '/customer/section/load'),
    ],
  };
}

function blog(r: Random, size: number): ReturnType<Site> {
  const slug = pool(r, Math.ceil(size / 5), w.slug);
  return {
    values: {
      slug,
      n: fresh(r, w.number),
      year: fresh(r, w.year),
      month: fresh(r, w.month),
      category: fixed(r, ['news', 'travel', 'food', 'tech', 'lifestyle']),
      author: pool(r, 5, w.firstName),
      file: pool(
        r,
        Math.ceil(size / 4),
        (x) =>
          `${w.slug(x)}${x.chance(0.5) ? `-${w.size(x)}` : x.pick(['', '-scaled', '-1'])}.${x.pick(['jpg', 'jpeg', 'png'])}`,
      ),
      elementor: fixed(r, ['frontend.min.css', 'frontend.min.js', 'webpack.runtime.min.js', 'common.min.css']),
    },
    routes: [
      get(24, '/{slug}/'),
      get(6, '/'),
      get(4, '/{slug}/feed/'),
      get(3, '/{slug}/amp/'),
      get(4, '/category/{category}/'),
      get(3, '/category/{category}/page/{n}/'),
      get(2, '/author/{author}/'),
      get(20, '/wp-content/uploads/{year}/{month}/{file}'),
      get(3, '/wp-content/plugins/elementor/assets/css/frontend.min.css'),
      get(3, '/wp-content/plugins/elementor/assets/js/frontend.min.js'),
      get(3, '/wp-content/plugins/elementor/assets/js/webpack.runtime.min.js'),
      get(3, '/wp-content/themes/hello-elementor/style.min.css'),
      get(3, '/wp-includes/js/wp-emoji-release.min.js'),
      get(3, '/wp-json/oembed/1.0/embed'),
      get(3, '/wp-json/wc/v3/orders/{n}'),
      get(2, '/wp-json/contact-form-7/v1/contact-forms/{n}'),
      post(4, '/wp-admin/admin-ajax.php'),
      post(5, '/wp-login.php'),
    ],
  };
}

/** One namespace has most, custom resources, watchers. */
function cluster(r: Random, size: number): ReturnType<Site> {
  const apps = Array.from({ length: 12 }, () => w.madeUp(r));
  const namespace = pool(r, 12, (x) => `${w.madeUp(x)}-${x.pick(['prod', 'dev', 'test'])}`, 1.5);
  const core = (weight: number, rest: string, method = 'GET'): SiteRoute => [
    weight,
    method,
    `/api/v1/namespaces/{ns}/${rest}`,
  ];
  return {
    values: {
      ns: namespace,
      pod: pool(r, Math.ceil(size / 6), () =>
        r.pick([
          `${r.pick(apps)}-${r.text(10, w.KUBERNETES)}-${r.text(5, w.KUBERNETES)}`,
          `${r.pick(apps)}-${r.below(5)}`,
          `${r.pick(apps)}-${r.text(5, w.KUBERNETES)}`,
        ]),
      ),
      name: fixed(r, apps),
      node: pool(r, 20, (x) => `gke-prod-pool-${x.text(8, w.HEX)}-${x.text(4, w.KUBERNETES)}`),
      crd: pool(r, 40, (x) => `${x.pick(apps)}-${x.pick(['tls', 'cert', 'route'])}`),
      sa: fixed(r, ['default', 'builder', 'deployer', 'prometheus']),
    },
    routes: [
      core(10, 'pods/{pod}'),
      core(5, 'pods/{pod}/log'),
      core(5, 'pods/{pod}/status', 'PATCH'),
      core(2, 'pods/{pod}/eviction', 'POST'),
      core(5, 'services/{name}'),
      core(4, 'persistentvolumeclaims/{name}'),
      core(4, 'serviceaccounts/{sa}'),
      core(4, 'serviceaccounts/{sa}/token', 'POST'),
      core(8, 'events', 'POST'),
      get(6, '/api/v1/nodes/{node}'),
      [5, 'PATCH', '/api/v1/nodes/{node}/status'],
      get(4, '/api/v1/namespaces'),
      get(4, '/api/v1/namespaces/{ns}'),
      get(6, '/apis/apps/v1/namespaces/{ns}/statefulsets/{name}'),
      get(6, '/apis/apps/v1/namespaces/{ns}/deployments/{name}'),
      put(4, '/apis/apps/v1/namespaces/{ns}/deployments/{name}/status'),
      get(3, '/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers/{name}'),
      get(5, '/apis/cert-manager.io/v1/namespaces/{ns}/certificates/{crd}'),
      get(4, '/apis/traefik.io/v1alpha1/namespaces/{ns}/ingressroutes/{crd}'),
      get(3, '/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}'),
      get(3, '/livez'),
      get(3, '/readyz'),
      get(2, '/openapi/v3/apis/apps/v1'),
    ],
  };
}

/** Two buckets with plain folders, keys by date and by customer. */
function twoBuckets(r: Random, size: number): ReturnType<Site> {
  const key = () =>
    r.pick([
      () => `${w.year(r)}/${w.month(r)}/${w.day(r)}/${w.uuid(r)}.json`,
      () => `customers/${w.number(r)}/invoices/${w.year(r)}-${w.digits(r, 5)}.pdf`,
      () => `exports/${w.date(r)}/part-${w.digits(r, 5)}.parquet`,
      () => `${w.noun(r)}/${w.noun(r)}/${w.madeUp(r)}.jpg`,
      () => `${w.madeUp(r)}.zip`,
    ])();
  return {
    values: {
      bucket: fixed(r, ['acme-prod-media', 'acme-prod-archive', 'acme-dev-media', 'acme-tmp']),
      key: pool(r, Math.ceil(size / 1.5), key, 0.7),
    },
    routes: [
      get(60, '/{bucket}/{key}'),
      put(20, '/{bucket}/{key}'),
      [10, 'HEAD', '/{bucket}/{key}'],
      get(8, '/{bucket}/'),
      [3, 'DELETE', '/{bucket}/{key}'],
    ],
  };
}

function viteAssets(r: Random): ReturnType<Site> {
  const base64 = () => r.text(8, w.BASE_64_URL);
  return {
    values: {
      h: pool(r, 8, base64, 0.5),
      flag: pool(r, 30, (x) => `${x.text(2, 'abcdefghijklmnopqrstuvwxyz')}.svg`),
      locale: fixed(r, ['en', 'de', 'fr', 'es', 'it', 'ja']),
      hex20: pool(r, 8, () => r.text(20, w.HEX), 0.5),
      number: fresh(r, () => String(r.below(90))),
      sprite: pool(r, 40, (x) => `${w.noun(x)}@2x.png`),
      ttf: fixed(r, ['Inter-Regular.ttf', 'Inter-Bold.ttf', 'Inter-Italic.ttf', 'Roboto-Light.ttf']),
      avatar: fresh(r, () => `${r.text(32, w.HEX)}.png`),
      css: fixed(r, ['reset.css', 'print.css']),
    },
    routes: [
      get(6, '/'),
      get(14, '/assets/index-{h}.js'),
      get(8, '/assets/index-{h}.css'),
      get(10, '/assets/vendor-{h}.js'),
      get(6, '/assets/Home-{h}.js'),
      get(4, '/assets/Login-{h}.js'),
      get(4, '/assets/UserProfile-{h}.js'),
      get(6, '/flags/{flag}'),
      get(4, '/locales/{locale}.json'),
      get(8, '/dist/{number}.{hex20}.js'),
      get(6, '/dist/main.{hex20}.js'),
      get(4, '/dist/main.{hex20}.css'),
      get(6, '/img/sprites/{sprite}'),
      get(5, '/fonts/{ttf}'),
      get(12, '/avatars/{avatar}'),
      get(4, '/js/jquery-3.7.1.min.js'),
      get(3, '/favicon-32x32.png'),
      get(3, '/sw.js'),
    ],
  };
}

/** Resources called in the singular, ids of every kind, two versions, slugs for ids. */
function restApi(r: Random, size: number): ReturnType<Site> {
  return {
    values: {
      slug: pool(r, Math.ceil(size / 10), w.slug),
      user: pool(r, Math.ceil(size / 12), w.userName),
      snow: fresh(r, () => `1${w.digits(r, 17)}`),
      ulid: fresh(r, () => `01J${r.text(23, w.CROCKFORD)}`),
      ksuid: fresh(r, () => r.text(27, w.BASE_62)),
      oid: fresh(r, () => r.text(24, w.HEX)),
      pi: fresh(r, () => `pi_${r.text(24, w.BASE_62)}`),
      b64: fresh(r, () => Buffer.from(`user:${w.number(r)}`).toString('base64')),
      mac: fresh(r, () => Array.from({ length: 6 }, () => r.text(2, w.HEX)).join(':')),
      iso: fixed(r, ['US', 'DE', 'FR', 'GB', 'ES', 'IT', 'NL', 'SE', 'JP', 'BR']),
      plate: fresh(r, () => `${w.letters(r, 2)}${w.digits(r, 2)}${w.letters(r, 3)}`),
      flight: fresh(r, () => `${w.letters(r, 2)}-${w.digits(r, 3)}`),
      lat: fresh(r, () => (180 * r.next() - 90).toFixed(5)),
      lon: fresh(r, () => (360 * r.next() - 180).toFixed(5)),
      week: fresh(r, () => `${w.year(r)}W${String(10 + r.below(42))}`),
      isbn: fresh(r, () => `978${w.digits(r, 10)}`),
      tz: fixed(r, ['Europe%2FBerlin', 'America%2FNew_York', 'Asia%2FTokyo']),
      email: fresh(r, () => `${w.userName(r)}%40example.org`),
      tenant: fixed(r, ['acme', 'globex', 'initech', 'umbrella', 'hooli', 'stark']),
      n: fresh(r, w.number),
      color: fresh(r, () => r.text(6, w.HEX)),
      symbol: pool(r, 40, (x) => w.letters(x, 3 + x.below(2))),
      date: fresh(r, w.date),
      key: fixed(r, ['theme', 'language', 'timezone', 'beta-features']),
    },
    routes: [
      get(8, '/v1/user/{user}'),
      get(5, '/v1/user/{user}/followers'),
      get(8, '/v1/article/{slug}'),
      get(5, '/v1/article/{slug}/comments'),
      post(4, '/v1/article/{slug}/like'),
      get(6, '/v1/message/{snow}'),
      get(5, '/v1/event/{ulid}'),
      get(5, '/v1/job/{ksuid}'),
      get(5, '/v2/document/{oid}'),
      post(5, '/v2/payment_intents/{pi}/confirm'),
      get(4, '/v2/node/{b64}'),
      get(4, '/v2/device/{mac}/telemetry'),
      get(4, '/v1/tax/{iso}'),
      get(3, '/v1/vehicle/{plate}'),
      get(3, '/v1/flight/{flight}/status'),
      get(4, '/v1/geo/{lat}/{lon}'),
      get(3, '/v1/calendar/{week}'),
      get(3, '/v1/isbn/{isbn}'),
      get(3, '/v1/time/{tz}'),
      get(3, '/v1/subscriber/{email}'),
      get(6, '/{tenant}/api/orders'),
      get(5, '/{tenant}/api/orders/{n}'),
      get(4, '/{tenant}/api/customers/{n}'),
      get(3, '/v1/quote/{symbol}/{date}'),
      get(3, '/v1/settings'),
      get(3, '/v1/login'),
      get(2, '/v1/swatch/{color}'),
      get(4, '/healthz'),
    ],
  };
}

/** gRPC over HTTP/2: packages, services, methods; and plain names of procedures with hyphens. */
function grpc(r: Random): ReturnType<Site> {
  const services = 'User Order Billing Catalog Search Mail'.split(' ');
  const methods = 'Get List Create Update Delete Watch'.split(' ');
  const calls = services.flatMap((s) =>
    methods.map((m) => `/acme.${s.toLowerCase()}.v1.${s}Service/${m}${m === 'List' ? `${s}s` : s}`),
  );
  const kebab = 'get list create cancel refund ship'
    .split(' ')
    .flatMap((v) => 'order invoice parcel label account voucher return'.split(' ').map((n) => `/rpc/${v}-${n}`));
  const routes = [...calls, ...kebab].map((template) => ({ template, key: r.next() })).sort((a, b) => a.key - b.key);
  return {
    values: {},
    routes: [
      ...routes.map(({ template }, i) => post(100 / (i + 5), template)),
      post(4, '/grpc.health.v1.Health/Check'),
    ],
  };
}

/** Procedures with plain names, as people write by hand. */
function handMadeRpc(r: Random): ReturnType<Site> {
  const names = [
    'login logout getProfile saveProfile loadCart addItem removeItem checkout payNow refund trackOrder listOrders cancelOrder',
    'searchProducts productDetails similarProducts recommend newsletter subscribe unsubscribe contactForm uploadAvatar changePassword',
    'forgotPassword confirmEmail getCountries getCurrencies convertPrice calcShipping calcTax applyVoucher removeVoucher listVouchers',
    'stockLevel reserveStock releaseStock createInvoice sendInvoice printLabel schedulePickup returnOrder rateProduct listReviews',
  ].flatMap((line) => line.split(' '));
  return {
    values: { n: fresh(r, w.number), page: fixed(r, ['imprint', 'terms']) },
    routes: [
      ...names.map((name, i) => post(100 / (i + 4), `/api/${name}`)),
      get(20, '/invoices/{n}.pdf'),
      get(10, '/'),
    ],
  };
}

/** Many resources below one prefix, sub-resources with the same names, actions next to ids. */
function backOffice(r: Random, size: number): ReturnType<Site> {
  const resources =
    'users orders invoices products suppliers warehouses shipments returns discounts taxes roles audits'.split(' ');
  const of = (resource: string, weight: number) => [
    get(weight * 3, `/admin/api/${resource}`),
    get(weight * 4, `/admin/api/${resource}/{n}`),
    put(weight, `/admin/api/${resource}/{n}`),
    get(weight, `/admin/api/${resource}/{n}/edit`),
    get(weight, `/admin/api/${resource}/{n}/history`),
    get(weight, `/admin/api/${resource}/new`),
    get(weight, `/admin/api/${resource}/export`),
    get(weight, `/admin/api/${resource}/{n}/comments`),
    get(weight / 2, `/admin/api/${resource}/archived`),
  ];
  return {
    values: { n: fresh(r, w.number), t: fresh(r, () => w.uuid(r)), who: pool(r, Math.ceil(size / 20), w.userName) },
    routes: [
      ...resources.flatMap((resource, i) => of(resource, 10 / (i + 2))),
      get(10, '/admin/login'),
      get(10, '/people/{who}'),
      get(8, '/files/{t}'),
    ],
  };
}

export const VARIED: Readonly<Record<string, Site>> = {
  'small code host': smallCodeHost,
  'fashion shop': fashionShop,
  blog,
  cluster,
  'two buckets': twoBuckets,
  'Vite assets': viteAssets,
  'REST, singular': restApi,
  gRPC: grpc,
  'RPC, by hand': handMadeRpc,
  'back office': backOffice,
};
