package httpapi

import (
	"strconv"

	"byoc/shared/cloud"
)

// priceListDate is the date of the prices below: list prices in thousandths of
// a US dollar per hour, copied by hand from public price pages and not read from
// AWS. Hold them against https://aws.amazon.com/vpc/pricing/ when changing it.
const priceListDate = "2026-02-24"

const (
	// publicAddressHour is the same in every region.
	publicAddressHour = 5
	// otherNATHour estimates regions that are not on the list.
	otherNATHour  = 59
	hoursPerMonth = 730
)

var natHour = map[string]int{
	"us-east-1": 45, "us-east-2": 45, "us-west-1": 48, "us-west-2": 45,
	"ca-central-1": 50, "sa-east-1": 93,
	"eu-central-1": 52, "eu-west-1": 48, "eu-west-2": 50, "eu-west-3": 50, "eu-north-1": 46,
	"ap-northeast-1": 62, "ap-northeast-2": 59, "ap-south-1": 56, "ap-southeast-1": 59, "ap-southeast-2": 59,
}

// priceView is what the network layout costs a month in the customer's AWS
// account. Services and traffic cost extra.
type priceView struct {
	Currency      string      `json:"currency"`
	Amount        string      `json:"amount"`
	Items         []priceItem `json:"items"`
	PriceListDate string      `json:"price_list_date"`
	// Estimate: the region is not on the list, or the zones are not fixed yet.
	Estimate    bool             `json:"estimate"`
	NotIncluded string           `json:"not_included"`
	Alternative priceAlternative `json:"alternative"`
}

type priceItem struct {
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
	PerHour  string `json:"per_hour"`
	Amount   string `json:"amount"`
}

// priceAlternative is the same network with the other layout.
type priceAlternative struct {
	NATGateways cloud.NATLayout `json:"nat_gateways"`
	Amount      string          `json:"amount"`
}

func priceOf(x cloud.Cloud) priceView {
	hour, known := natHour[x.Region]
	if !known {
		hour = otherNATHour
	}
	zones := len(x.Network.Zones)
	v := priceView{
		Currency: "USD", PriceListDate: priceListDate, Estimate: !known || zones == 0,
		NotIncluded: "Traffic through NAT gateways and between zones, the services themselves, and taxes.",
	}
	if zones == 0 {
		zones = usualZones
	}
	gateways, other := zones, 1
	v.Alternative.NATGateways = cloud.NATSingle
	if x.NATGateways == cloud.NATSingle {
		gateways, other = 1, zones
		v.Alternative.NATGateways = cloud.NATPerZone
	}
	v.Items = []priceItem{
		{"NAT gateway", gateways, dollars(hour), monthly(gateways * hour)},
		{"public IPv4 address", gateways, dollars(publicAddressHour), monthly(gateways * publicAddressHour)},
	}
	v.Amount = monthly(gateways * (hour + publicAddressHour))
	v.Alternative.Amount = monthly(other * (hour + publicAddressHour))
	return v
}

// dollars writes thousandths; a float has digits to spare for them.
func dollars(thousandths int) string {
	return strconv.FormatFloat(float64(thousandths)/1000, 'f', 3, 64)
}

// monthly writes the month's dollars and cents of an hour's thousandths. It is
// exact: a month's hours end in a zero.
func monthly(perHour int) string {
	return strconv.FormatFloat(float64(perHour*hoursPerMonth/10)/100, 'f', 2, 64)
}
