"""What the actions of the log are called; a test holds that every action that the program writes has a name here."""

ACTIONS: dict[str, tuple[str, str]] = {
    "import": ("导入审核结果", "take in a run"),
    "decide": ("复核决定", "decide"),
    "correct": ("更正转写", "correct the transcript"),
    "add_missed": ("补记违规", "add a missed violation"),
    "withdraw_missed": ("撤回补记", "withdraw a missed violation"),
    "check_audio": ("核对录音", "check a recording"),
    "purge": ("按期清除", "purge"),
    "sign_in": ("登录", "sign in"),
    "sign_in_failed": ("登录失败", "sign-in failed"),
    "sign_out": ("退出", "sign out"),
    "make_token": ("新建令牌", "make a token"),
    "revoke_token": ("吊销令牌", "revoke a token"),
    "add_user": ("新增用户", "add a user"),
    "change_role": ("更改角色", "change a role"),
    "change_password": ("更改密码", "change a password"),
    "disable_user": ("停用账号", "disable an account"),
    "enable_user": ("启用账号", "enable an account"),
}
