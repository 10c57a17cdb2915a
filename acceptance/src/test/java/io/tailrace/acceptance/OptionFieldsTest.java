package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.tailrace.api.v1.ContainerSpec;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The table of options has a row for everything that can be asked of a container. */
class OptionFieldsTest {
    @Test
    void everyFieldOfAContainersSpecificationIsAskedForByARowOfTheTable() {
        Set<String> asked = new TreeSet<>();
        for (OptionRow row : OptionRow.all(new OptionPlace("192.0.2.9", "/dev", 9))) {
            collect("", row.spec().apply(Api.shell(row.script())).build(), asked);
        }
        Set<String> fields = new TreeSet<>();
        collect("", ContainerSpec.getDescriptor(), fields);
        assertThat(fields).contains("image", "health_check.test", "networks.aliases");
        assertThat(asked).isEqualTo(fields);
    }

    /** Adds the paths of all fields that are no messages of ours. */
    private static void collect(String prefix, Descriptor type, Set<String> paths) {
        for (FieldDescriptor field : type.getFields()) {
            if (isOurs(field)) {
                collect(prefix + field.getName() + ".", field.getMessageType(), paths);
            } else {
                paths.add(prefix + field.getName());
            }
        }
    }

    /** Adds the paths of those that are set. */
    private static void collect(String prefix, Message message, Set<String> paths) {
        message.getAllFields().forEach((field, value) -> {
            if (isOurs(field)) {
                Collection<?> values = value instanceof List<?> list ? list : List.of(value);
                values.forEach(one -> collect(prefix + field.getName() + ".", (Message) one, paths));
            } else {
                paths.add(prefix + field.getName());
            }
        });
    }

    /** Durations and maps are looked at as a whole. */
    private static boolean isOurs(FieldDescriptor field) {
        return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                && !field.isMapField()
                && field.getMessageType().getFile().getPackage().startsWith("tailrace.");
    }
}
