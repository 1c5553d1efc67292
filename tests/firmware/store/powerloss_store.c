/* Scenarios of blobs and the lifecycle. */
#include "powerloss.h"

const struct scenario powerloss_store_scenarios[1];
const unsigned powerloss_store_scenario_count = 0;
