// SPDX-License-Identifier: Apache-2.0
// Fills the cache that the node image's npm installs from without a network: node npm-store.js STORE PACKAGE…
//
// Runs inside the image while it is made. It is a registry, on a loopback port, of the packages that Debian installed
// under /usr/share/nodejs, with all that they need; npm itself is sent there once and keeps what it gets.
'use strict'
const { execFileSync, spawn } = require('node:child_process')
const crypto = require('node:crypto')
const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')

const [store, ...wanted] = process.argv.slice(2)
const registry = 'http://registry.npmjs.org'
const packages = new Map()

/// Adds a package and what it needs; Debian keeps everything once, in the version that it was tested with.
function add(name, from) {
    if (packages.has(name)) return
    const nested = path.join(from, 'node_modules', name)
    const folder = fs.realpathSync(fs.existsSync(nested) ? nested : path.join('/usr/share/nodejs', name))
    const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
    packages.set(name, { folder, manifest })
    for (const needed of Object.keys(manifest.dependencies || {})) add(needed, folder)
}

/// The package as npm expects it, its manifest saying which versions stand beside it here.
function pack({ folder, manifest }) {
    const stage = fs.mkdtempSync('/tmp/pack-')
    const copy = path.join(stage, 'package')
    fs.cpSync(folder, copy, {
        recursive: true, dereference: true, filter: file => path.relative(folder, file).split('/')[0] !== 'node_modules' })
    for (const key of ['devDependencies', 'peerDependencies', 'scripts']) delete manifest[key]
    for (const needed of Object.keys(manifest.dependencies || {})) {
        manifest.dependencies[needed] = packages.get(needed).manifest.version
    }
    fs.writeFileSync(path.join(copy, 'package.json'), JSON.stringify(manifest, null, 2) + '\n')
    const archive = execFileSync('tar', ['-C', stage, '-cz', 'package'], { maxBuffer: 1 << 28 })
    fs.rmSync(stage, { recursive: true })
    return archive
}

for (const name of wanted) add(name, '/usr/share/nodejs')
for (const entry of packages.values()) entry.archive = pack(entry)
fs.mkdirSync(store, { recursive: true })
const names = [...new Set([...wanted, ...packages.keys()])]
const carried = Object.fromEntries(names.map(name => [name, packages.get(name).manifest.version]))
fs.writeFileSync(path.join(store, 'carried.json'), JSON.stringify(carried, null, 2) + '\n')

const server = http.createServer((request, response) => {
    const words = decodeURIComponent(new URL(request.url, registry).pathname).slice(1).split('/-/')
    const entry = packages.get(words[0])
    if (!entry) return response.writeHead(404).end('{}')
    const { manifest, archive } = entry
    if (words[1]) return response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(archive)
    const integrity = 'sha512-' + crypto.createHash('sha512').update(archive).digest('base64')
    const dist = { tarball: `${registry}/${words[0]}/-/${path.basename(words[0])}-${manifest.version}.tgz`, integrity }
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'max-age=300' }).end(JSON.stringify({
        name: words[0], 'dist-tags': { latest: manifest.version },
        versions: { [manifest.version]: { ...manifest, dist } },
    }))
})
server.listen(0, '127.0.0.1', () => {
    const place = fs.mkdtempSync('/tmp/install-')
    const npm = spawn(process.execPath, [
        '/usr/share/nodejs/npm/bin/npm-cli.js', 'install', '--no-audit', '--no-fund', '--no-package-lock',
        '--update-notifier=false', '--logs-max=0', `--registry=${registry}/`, `--proxy=http://127.0.0.1:${server.address().port}`,
        '--noproxy=', `--cache=${store}/cache`, ...wanted,
    ], { cwd: place, stdio: 'inherit', env: { PATH: process.env.PATH, HOME: place } })
    npm.on('exit', status => {
        fs.rmSync(place, { recursive: true })
        server.close()
        server.closeAllConnections()
        process.exitCode = status
    })
})
