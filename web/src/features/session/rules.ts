import type { FormRule } from "antd";

/** The rule that a field repeats another. */
export function repeats(field: string, message: string): FormRule {
  return ({ getFieldValue }) => ({
    validator: (_, value: unknown) => (!value || value === getFieldValue(field) ? Promise.resolve() : Promise.reject(new Error(message))),
  });
}
