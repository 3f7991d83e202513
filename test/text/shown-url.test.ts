import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownUrl } from '../../src/text/shown-url.ts';

for (const [text, shown] of [
  ['http://127.0.0.1:8080/x', 'http://127.0.0.1:8080/x'],
  ['http://127.0.0.1:8080/users/@me', 'http://127.0.0.1:8080/***@me'],
  ['https://mirror.example/a@b/c@d', 'https://mirror.example/***@d'],
  ['http://[::1]/@x', 'http://[::1]/***@x'],
  ['http://localhost/@x', 'http://localhost/***@x'],
  ['http://user:pass@mirror.example/@x', 'http://***@x'],
  ['http://user:pa/ss@mirror.example/', 'http://***@mirror.example/'],
  ['http://token/more@mirror.example/', 'http://***@mirror.example/'],
  ['user:pa@ss@mirror.example', '***@mirror.example'],
] as const)
  test(`${text} is shown as ${shown}`, () => assert.equal(shownUrl(text), shown));
