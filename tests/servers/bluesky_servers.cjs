// A Bluesky personal data server and the PLC directory it registers its accounts in, on loopback only.
// Usage: node bluesky_servers.cjs PDS_PORT PLC_PORT DATA_FOLDER on|off      (the last: the server's own rate limits)
// Run with NODE_PATH naming the node_modules folder that holds @atproto/pds and @did-plc/server. SIGTERM ends both.
'use strict'

const crypto = require('node:crypto')
const net = require('node:net')
const path = require('node:path')

const [pdsPort, plcPort] = process.argv.slice(2, 4).map(Number)
const [dataFolder, rateLimits] = process.argv.slice(4, 6)
const loopback = '127.0.0.1'

// Both packages listen on every interface and have no setting for it.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'number' ? listen.call(this, port, loopback, ...rest) : listen.call(this, port, ...rest)
}

async function makeSigningKey () {
  const { Secp256k1Keypair } = require('@atproto/crypto')
  const pair = await Secp256k1Keypair.create({ exportable: true })
  return { did: pair.did(), hex: Buffer.from(await pair.export()).toString('hex') }
}

async function startDirectory () {
  const { Database, PlcServer } = require('@did-plc/server')
  const directory = PlcServer.create({ db: Database.mock(), port: plcPort })
  await directory.start()
  return directory
}

async function startDataServer () {
  const { PDS, envToCfg, envToSecrets } = require('@atproto/pds')
  const [rotation, recovery] = [await makeSigningKey(), await makeSigningKey()]
  const settings = {
    devMode: true, // plain http
    serviceDid: `did:web:localhost%3A${pdsPort}`,
    enableDidDocWithSession: true, // as bsky.social does: it tells on which server an account is
    port: pdsPort,
    dataDirectory: dataFolder,
    blobstoreDiskLocation: path.join(dataFolder, 'blobs'),
    serviceHandleDomains: ['.test'],
    inviteRequired: false,
    didPlcUrl: `http://${loopback}:${plcPort}`,
    recoveryDidKey: recovery.did,
    plcRotationKeyK256PrivateKeyHex: rotation.hex,
    jwtSecret: crypto.randomBytes(16).toString('hex'),
    adminPassword: crypto.randomBytes(16).toString('hex'),
    rateLimitsEnabled: rateLimits === 'on',
    crawlers: []
  }
  const server = await PDS.create(envToCfg(settings), envToSecrets(settings))
  await server.start()
  return server
}

async function main () {
  const directory = await startDirectory()
  const server = await startDataServer()
  process.on('SIGTERM', async () => {
    await server.destroy()
    await directory.destroy()
    process.exit(0)
  })
}

main().catch(error => { console.error(error); process.exit(1) })
