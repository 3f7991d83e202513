import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pathOf, segmentsOf } from '../../../src/diff/routes/path-segments.ts';

function route(target: string): string {
  return `/${segmentsOf(pathOf(target)).join('/')}`;
}

const IDENTIFIERS: readonly (readonly [what: string, ...segments: string[]])[] = [
  ['numbers', '0', '17', '0017', '-3', '+4', '3.5', '17,18,19', '123456789012345678901234567890'],
  ['UUIDs', '0f8fad5b-d9cb-469f-a165-70867728950e', '0F8FAD5B-D9CB-469F-A165-70867728950E'],
  ['UUIDs in braces', '{0f8fad5b-d9cb-469f-a165-70867728950e}', '%7B0f8fad5b-d9cb-469f-a165-70867728950e%7D'],
  ['the UUID without digits', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  ['short commit ids', '3b18e51', 'd28e6f9'],
  ['object ids of 24 hexadecimal digits', '507f1f77bcf86cd799439011'],
  ['hashes of 32', 'd41d8cd98f00b204e9800998ecf8427e', 'D41D8CD98F00B204E9800998ECF8427E'],
  ['hashes of 40', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['hashes of 64', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['hexadecimal numbers', '0x1f', '0xDEADBEEF'],
  ['ULIDs', '01ARZ3NDEKTSV4RRFFQ69G5FAV', '01arz3ndektsv4rrffq69g5fav'],
  ['dates', '2026-11-22', '2026-11', '20261122', '22.11.2026', '22-11-2026', '2026-11-22T07:20:40Z', '2026-11-22_0720'],
  ['dates with an encoded colon', '2026-11-22T07%3A20%3A40Z'],
  ['e-mail addresses', 'anna@example.org', 'anna%40example.org', 'a.b+c@sub.example.co.uk'],
  ['numbered files', '0012.png', 'img-12.jpg', 'IMG_0012.tar.gz', 'photo7.webp', '17.json'],
  ['dated files', 'report-2026-11-22.pdf', '2026-11-22.csv'],
  ['files named by a hash', 'logo.3b18e51f.svg', 'd41d8cd98f00b204e9800998ecf8427e.png'],
  ['coordinates', '52.5200,-13.4050', '-33.86,151.20', '@52.5,13.4,15z'],
  ['prefixed ids', 'cus_NffrFeUfNV2Hib', 'pi_3MtwBwLkdIwHu7ix28a3tqPa', 'sk_test_4eC39HqLyjWDarjtT1zdp7dc'],
  ['ids of nanoid and of videos', 'V1StGXR8_Z5jdHi6B-myT', 'dQw4w9WgXcQ', 'IRFa-VaY2b1k_9Qz'],
  ['weeks and quarters', '2026-W48', '2026W48', '2026-Q4', 'Q3-2026', '2026-H1'],
  ['ISBN', '978-3-16-148410-0', '0-306-40615-X', '9783161484100'],
  ['MAC addresses', '00:1A:2B:3C:4D:5E', '00-1a-2b-3c-4d-5e', '001a.2b3c.4d5e'],
  ['plates and reservations', 'B-MW-1234', 'AB12CDE', 'X7K2PQ'],
  ['numbers of flights and articles', 'LH-123', 'AB-1234-XL'],
  ['versions of packages', '1.2.3', 'v2.10.0', '3.0.0-rc.1', '1.0.0+build.5'],
  ['sizes of pictures', '800x600', '64x64@2x', 'red-shoes-300x200.jpg'],
  ['hosts named by their address', 'ip-10-2-3-4', 'ip-10-2-3-4.eu-west-1.compute.internal'],
  ['ranges of commits', 'main...feature', 'v1.0.0...v1.1.0', '3b18e51..d28e6f9', 'main...octo%3Afeature'],
  ['pods', 'shop-api-7d9c5b6f4-x2x9z', 'web-7d9c5b6f4', 'node-exporter-x2x9z'],
  ['a path as one segment', 'group%2Fproject', 'Europe%2FBerlin'],
  ['handles', '@anna', '@anna.berg'],
  ['digests', `sha256:${'0f'.repeat(32)}`],
  ['prefixed numbers', 'user_17', 'ORD-2041', 'order:7', 'INV0002041'],
  ['tokens', 'cus_9s6XKzkNRiz8i3', 'price_1MoBy5LkdIwHu7ixZhnattbh', 'dGhpcyBpcyBhIHRva2VuIDEyMzQ1Njc4OTA='],
  ['what is too long for a word', 'x'.repeat(101), `${'word-'.repeat(20)}end`],
];

for (const [what, ...segments] of IDENTIFIERS) {
  test(`${what} become a wildcard`, () => {
    for (const segment of segments) assert.equal(route(`/a/${segment}/b`), '/a/{…}/b', segment);
  });
}

const WORDS: readonly (readonly [what: string, ...segments: string[]])[] = [
  ['words', 'orders', 'Orders', 'order_items', 'order-items', 'index.html', 'favicon.ico', 'robots.txt'],
  ['words of hexadecimal letters', 'facade', 'cafe', 'deadbeef', 'effaced', 'dead', 'decade', 'a', 'be'],
  ['versions', 'v1', 'v2', 'V3', 'v10', 'v1.2', 'v1beta1', 'v2alpha'],
  ['words with a digit', 's3', 'oauth2', 'mp3', 'i18n', 'http2', 'web3', 'covid19', 'x264'],
  ['long names with a version', 'helloworld.v1.Greeter', 'google.pubsub.v1.Publisher', 'getCustomerOrderDetailsV2'],
  ['slugs', 'how-to-bake-bread', 'my-first-post', 'top-10-things-to-do', 'Release-Notes-2-0-Final'],
  ['long words', 'internationalization', 'telecommunications'],
  ['dots, dashes and nothing', '.', '..', '-', '_', '.well-known', ''],
  ['what is encoded', 'caf%C3%A9', 'a%20b', '100%', '%', '%zz', '%E0%A4%A'],
  ['letters of other scripts', 'заказы', '注文', '😀'],
];

for (const [what, ...segments] of WORDS) {
  test(`${what} stay`, () => {
    for (const segment of segments) assert.equal(route(`/a/${segment}/b`), `/a/${segment}/b`, segment);
  });
}

const FILES: readonly (readonly [file: string, route: string])[] = [
  ['main.3b18e51f.js', 'main.{…}.js'],
  ['main.3b18e51f.css', 'main.{…}.css'],
  ['main.3b18e51f.js.map', 'main.{…}.js.map'],
  ['vendor-7d9c5b6f.chunk.js', 'vendor-{…}.chunk.js'],
  ['index-BxYz12_a.js', 'index-{…}.js'],
  ['17.3b18e51f.chunk.js', '{…}.chunk.js'],
  ['jquery-3.7.1.min.js', 'jquery-{…}.min.js'],
  ['3b18e51f.css', '{…}.css'],
  ['app.js', 'app.js'],
  ['UserProfile.js', 'UserProfile.js'],
  ['jquery.min.js', 'jquery.min.js'],
];

for (const [file, expected] of FILES) {
  test(`a file of a build keeps what it was made for: ${file}`, () => {
    assert.equal(route(`/static/${file}`), `/static/${expected}`);
  });
}

test('keys in brackets keep the name before them', () => {
  assert.equal(route('/odata/Orders(17)/Items'), '/odata/Orders({…})/Items');
  assert.equal(route('/odata/Orders({…})'), '/odata/Orders({…})');
});

const HOSTS: readonly (readonly [target: string, path: string])[] = [
  ['app.example.org/orders/17?x=1', '/orders/17'],
  ['app.example.org:8443/orders', '/orders'],
  ['app.example.org', '/'],
  ['app.example.org?x=/a', '/'],
  ['10.0.0.7:8080/orders', '/orders'],
  ['[2001:db8::1]:443/orders', '/orders'],
  ['localhost/orders', '/orders'],
  ['shop:8080/orders', '/orders'],
  // Paths, whatever they begin with.
  ['/app.example.org/orders', '/app.example.org/orders'],
  ['orders/17', 'orders/17'],
  ['*', '*'],
];

for (const [target, path] of HOSTS) {
  test(`the path of ${target} is ${path}`, () => {
    assert.equal(pathOf(target), path);
  });
}

const TARGETS: readonly (readonly [target: string, route: string])[] = [
  ['/', '/'],
  ['', '/'],
  ['?x=1', '/'],
  ['#top', '/'],
  ['/orders/17?x=/users/1#y', '/orders/{…}'],
  ['/orders#17', '/orders'],
  ['/orders?', '/orders'],
  ['/orders/17/', '/orders/{…}/'],
  ['//orders//17', '//orders//{…}'],
  ['*', '/*'],
  ['https://shop.example/orders/17?x=1', '/orders/{…}'],
  ['HTTP://shop.example:8080/orders', '/orders'],
  ['https://user:secret@shop.example/orders', '/orders'],
  ['https://[2001:db8::1]:443/orders/1', '/orders/{…}'],
  ['https://shop.example', '/'],
  ['https://shop.example?x=/a', '/'],
  ['/redirect/https://other.example/x', '/redirect/https://other.example/x'],
  ['/orders;jsessionid=0A1B2C/17;x=1', '/orders/{…}'],
  ['/;jsessionid=0A1B2C', '/'],
  ['/api/v1/facade', '/api/v1/facade'],
  ['/deadbeef', '/deadbeef'],
  ['/__proto__/constructor', '/__proto__/constructor'],
  ['/a\nb/\0', '/a\nb/\0'],
  [`/${Array.from({ length: 30 }, () => 'a').join('/')}`, `/${'a/'.repeat(15)}{…}`],
  [`/${'x'.repeat(1000)}`, '/{…}'],
  [`/files/${'word/'.repeat(2)}cut-he…`, '/files/word/word/{…}'],
];

for (const [target, expected] of TARGETS) {
  const name = JSON.stringify(target.length > 60 ? `${target.slice(0, 60)}…` : target);
  test(`${name} is ${JSON.stringify(expected)}`, () => {
    assert.equal(route(target), expected);
  });
}

test('a route is its own route, whatever the path', () => {
  const segment = fc.oneof(fc.string(), fc.uuid(), fc.constantFrom('v1', 'orders', '17', '', '%41', ';x', '…'));
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 20 }), (segments) => {
      const once = route(`/${segments.join('/')}`);
      assert.equal(route(once), once);
    }),
  );
});

// A pattern that tries all ways through one of them would not end.
test('no path takes long', () => {
  const hostile = [
    'a1'.repeat(50),
    '1a-'.repeat(33),
    '@'.repeat(100),
    '.1'.repeat(50),
    'a.'.repeat(50),
    `${'1,'.repeat(49)}x`,
  ];
  for (let i = 0; i < 2000; i++) for (const segment of hostile) segmentsOf(`/${segment}/${segment}!`);
});
