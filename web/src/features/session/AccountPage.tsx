import { useMutation } from "@tanstack/react-query";
import { App, Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { api, must } from "@/api/client";
import { useSession } from "@/app/session";
import { ErrorBox } from "@/shared/ErrorBox";
import { repeats } from "./rules";
import "./session.css";

interface Values {
  current: string;
  new: string;
  again: string;
}

/** One's own account: who one is, and the change of the password. */
export default function AccountPage() {
  const { t } = useTranslation("session");
  const { account, permissions } = useSession();
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const change = useMutation({
    mutationFn: (values: Values) => must(api.POST("/api/v1/session/password", { body: { current: values.current, new: values.new } })),
    onSuccess: () => {
      form.resetFields();
      void message.success(t("account.changed"));
    },
  });
  const required = { required: true, message: t("required") };
  return (
    <div className="fs-account">
      <section className="fs-card">
        <h2>{t("account.who")}</h2>
        <dl className="fs-facts">
          <dt>{t("name")}</dt>
          <dd>{account?.name}</dd>
          <dt>{t("account.role")}</dt>
          <dd>{account?.role && t(`role.${account.role}`, { defaultValue: account.role })}</dd>
          <dt>{t("account.permissions")}</dt>
          <dd>
            {permissions.map((p) => (
              <code key={p} className="fs-tag">
                {p}
              </code>
            ))}
          </dd>
        </dl>
      </section>
      <section className="fs-card">
        <h2>{t("account.password")}</h2>
        <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => change.mutate(values)}>
          {change.error && <ErrorBox error={change.error} small />}
          <input type="text" autoComplete="username" value={account?.name ?? ""} readOnly hidden />
          <Form.Item name="current" label={t("account.current")} rules={[required]}>
            <Input.Password autoComplete="current-password" />
          </Form.Item>
          <Form.Item name="new" label={t("newPassword")} extra={t("passwordHelp")} rules={[required]}>
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          <Form.Item name="again" label={t("again")} dependencies={["new"]} rules={[required, repeats("new", t("different"))]}>
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={change.isPending}>
            {t("account.change")}
          </Button>
        </Form>
      </section>
    </div>
  );
}
