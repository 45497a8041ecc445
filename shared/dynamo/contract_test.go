package dynamo_test

import (
	"byoc/shared/cloud"
	"byoc/shared/customeraccount"
	"byoc/shared/dynamo"
	"byoc/shared/network"
	"byoc/shared/notify"
	"byoc/shared/watch"
)

// What consumers ask for is what the table has.
var (
	_ cloud.Store             = (*dynamo.Table)(nil)
	_ watch.Store             = (*dynamo.Table)(nil)
	_ notify.Store            = (*dynamo.Table)(nil)
	_ network.Journal         = (*dynamo.Journal)(nil)
	_ customeraccount.Records = (*dynamo.Table)(nil)
)
