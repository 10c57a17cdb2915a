/** Stands in for a library that costs more at start than it gives. */
package org.curioswitch.common.protobuf.json;
