// What stands before and beside SAP's runtime: sign-on, tokens against forged requests, and the SOAP doors.
// The runtime speaks OData; everything in this folder but its own packages is ours and proves nothing about S/4HANA.
'use strict'

const fs = require('node:fs')
const path = require('node:path')
const crypto = require('node:crypto')
const cds = require('@sap/cds')
const express = require('express')
const version2 = require('@cap-js-community/odata-v2-adapter')
const journals = require('./soap.js')
const clearing = require('./clearing.js')

const books = JSON.parse(fs.readFileSync(path.join(__dirname, 'books.json'), 'utf8'))
const tokens = new Map() // session to its token
const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

function signedOn(request, response, next) {
  const known = 'Basic ' + Buffer.from(`${books.user}:${books.password}`).toString('base64')
  if (request.path === '/' || request.headers.authorization === known) return next()
  response.status(401).set('WWW-Authenticate', 'Basic realm="SAP"').send('Anmeldung fehlgeschlagen')
}

function sessionOf(request) {
  const found = /SAP_SESSIONID=([0-9a-f]+)/.exec(request.headers.cookie || '')
  return found && tokens.has(found[1]) ? found[1] : ''
}

function guarded(request, response, next) {
  let session = sessionOf(request)
  if (READS.has(request.method)) {
    if ((request.headers['x-csrf-token'] || '').toLowerCase() !== 'fetch') return next()
    if (!session) {
      session = crypto.randomBytes(16).toString('hex')
      tokens.set(session, crypto.randomBytes(16).toString('base64url'))
      response.set('Set-Cookie', `SAP_SESSIONID=${session}; Path=/; HttpOnly`)
    }
    response.set('x-csrf-token', tokens.get(session))
    return next()
  }
  if (session && request.headers['x-csrf-token'] === tokens.get(session)) return next()
  response.status(403).set('x-csrf-token', 'Required').send('CSRF token validation failed')
}

cds.on('bootstrap', app => {
  const listen = app.listen.bind(app)
  app.listen = port => listen(port, '127.0.0.1') // else it hears every network of the machine
  app.use(signedOn)
  app.use('/sap/opu/odata', guarded)
  app.use(version2({ path: 'sap/opu/odata/sap', targetPath: 'odata/v4' }))
  app.post(journals.PATH, express.text({ type: () => true, limit: '5mb' }), journals.door(books))
  app.post(clearing.PATH, express.text({ type: () => true, limit: '5mb' }), clearing.door(books))
})

cds.on('served', async () => {
  const { A_CompanyCode, A_GLAccountInChartOfAccounts } = cds.entities('API_JOURNALENTRYITEMBASIC_SRV')
  const charts = [...new Set(books.companies.map(each => each.ChartOfAccounts))]
  await INSERT.into(A_CompanyCode).entries(books.companies)
  await INSERT.into(A_GLAccountInChartOfAccounts).entries(
    charts.flatMap(chart => books.accounts.map(account => ({ ChartOfAccounts: chart, GLAccount: account })))
  )
})

module.exports = cds.server
