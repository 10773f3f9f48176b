// What S/4HANA does with an order on its own and the runtime does not: numbers, amounts, times, and whether what an order
// names is there. The words are ours.
'use strict'

const books = require('../books.json')

let last = 0

module.exports = srv => {
  const { A_SalesOrder } = srv.entities

  srv.before('CREATE', A_SalesOrder, request => {
    const order = request.data
    if (!books.parties.includes(order.SoldToParty))
      return request.reject(400, `Sold-to party ${order.SoldToParty} not maintained for sales area`)
    if (!(order.to_Item || []).length) return request.reject(400, 'Document contains no items')
    last += 1
    order.SalesOrder = String(last).padStart(10, '0')
    order.LastChangeDateTime = new Date().toISOString()
    let total = 0
    for (const [at, item] of order.to_Item.entries()) {
      if (!books.materials.includes(item.Material))
        return request.reject(400, `Material ${item.Material} is not defined for sales org. ${order.SalesOrganization}`)
      item.SalesOrderItem = String((at + 1) * 10)
      item.TransactionCurrency = order.TransactionCurrency
      const price = (item.to_PricingElement || []).find(each => each.ConditionType === 'PPR0')
      if (!price) return request.reject(400, `Mandatory condition PPR0 is missing for item ${item.SalesOrderItem}`)
      price.PricingProcedureStep = '010'
      price.PricingProcedureCounter = '001'
      const amount = (Number(item.RequestedQuantity) * Number(price.ConditionRateValue)) / Number(price.ConditionQuantity)
      item.NetAmount = amount.toFixed(2)
      total += Number(item.NetAmount)
    }
    order.TotalNetAmount = total.toFixed(2)
  })

  // What a version is compared by.
  srv.before('UPDATE', A_SalesOrder, request => {
    request.data.LastChangeDateTime = new Date().toISOString()
  })
}
